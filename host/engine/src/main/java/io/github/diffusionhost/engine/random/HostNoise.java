package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * Draws made by the JVM and copied to the device, so that they are the same on every device.
 *
 * <p>One stream ({@link #single}) or one for each image of a batch ({@link #perImage}): there the
 * draws of an image do not depend on the others beside it.
 */
public final class HostNoise implements Noise {
  private static final int PROBABILITY_BITS = 16;

  /** Values that are made before they are copied: few enough for the first cache. */
  private static final int CHUNK = 1024;

  private final NDManager manager;
  private final StagingBuffer staging;
  private final SplittableRandom shared;
  private final SplittableRandom[] images;

  private HostNoise(
      NDManager manager, StagingBuffer staging, long seed, SplittableRandom[] images) {
    this.manager = manager;
    this.staging = staging;
    this.shared = new SplittableRandom(seed);
    this.images = images;
  }

  /** All draws from one stream. */
  public static HostNoise single(NDManager manager, StagingBuffer staging, long seed) {
    return new HostNoise(manager, staging, seed, new SplittableRandom[0]);
  }

  /**
   * A stream for each image; draws whose first dimension is not the number of images come from a
   * stream that the batch shares.
   *
   * @param shared the seed of the shared stream
   * @param count the number of images
   * @param imageSeed the seed of image i, i in [0, count)
   */
  public static HostNoise perImage(
      NDManager manager,
      StagingBuffer staging,
      long shared,
      int count,
      LongFunction<Long> imageSeed) {
    SplittableRandom[] images = new SplittableRandom[count];
    for (int i = 0; i < count; i++) {
      images[i] = new SplittableRandom(imageSeed.apply(i));
    }
    return new HostNoise(manager, staging, shared, images);
  }

  @Override
  public NDArray normal(Shape shape) {
    return draw(shape, random -> (float) random.nextGaussian());
  }

  @Override
  public NDArray uniform(Shape shape) {
    // 24 bits: every value is exact in float32, and 1 is never drawn.
    return draw(shape, random -> (random.nextInt() >>> 8) * 0x1p-24f);
  }

  @Override
  public NDArray bernoulli(Shape shape, double probability) {
    CoinLanes lanes = new CoinLanes((int) Math.rint(probability * (1 << PROBABILITY_BITS)));
    return staging.filled(
        manager,
        shape,
        DataType.UINT8,
        target ->
            forEachShare(shape, (random, from, to) -> coins(random, from, to, lanes, target)));
  }

  /** Four coins, of 16 bits each, from each number. */
  private static void coins(
      SplittableRandom random, int from, int to, CoinLanes lanes, ByteBuffer target) {
    long[] numbers = new long[Math.min(CHUNK, (to - from) / CoinLanes.COINS + 2) & ~1];
    int most = numbers.length * CoinLanes.COINS;
    for (int at = from; at < to; at += most) {
      int count = Math.min(most, to - at);
      int used = (count + CoinLanes.COINS - 1) / CoinLanes.COINS;
      for (int i = 0; i < used; i++) {
        numbers[i] = random.nextLong();
      }
      lanes.toss(numbers, used);
      PackedBytes.put(numbers, count, target, at);
    }
  }

  private NDArray draw(Shape shape, Draw draw) {
    return staging.filled(
        manager,
        shape,
        DataType.FLOAT32,
        bytes -> {
          FloatBuffer target = bytes.asFloatBuffer();
          forEachShare(shape, (random, from, to) -> floats(random, from, to, draw, target));
        });
  }

  private static void floats(
      SplittableRandom random, int from, int to, Draw draw, FloatBuffer target) {
    float[] values = new float[Math.min(CHUNK, to - from)];
    for (int at = from; at < to; at += values.length) {
      int count = Math.min(values.length, to - at);
      for (int i = 0; i < count; i++) {
        values[i] = draw.from(random);
      }
      target.put(at, values, 0, count);
    }
  }

  /** Visits the elements that each stream draws. */
  private void forEachShare(Shape shape, Share share) {
    int size = Math.toIntExact(shape.size());
    boolean own = images.length > 0 && shape.dimension() > 0 && shape.get(0) == images.length;
    if (own) {
      EachShare.of(
          images.length,
          size / images.length,
          (image, from, to) -> share.draw(images[image], from, to));
    } else {
      share.draw(shared, 0, size);
    }
  }

  @FunctionalInterface
  private interface Share {
    void draw(SplittableRandom random, int from, int to);
  }

  @FunctionalInterface
  private interface Draw {
    float from(SplittableRandom random);
  }
}
