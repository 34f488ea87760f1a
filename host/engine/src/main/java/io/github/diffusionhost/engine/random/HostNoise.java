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
  private static final int MASK = (1 << PROBABILITY_BITS) - 1;
  private static final long ALL = 0x0101010101010101L;

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
    ByteBuffer target = staging.bytes(Math.toIntExact(shape.size()));
    int limit = (int) Math.rint(probability * (1 << PROBABILITY_BITS));
    forEachShare(shape, (random, from, to) -> coins(random, from, to, limit, target));
    return staging.copyTo(manager, shape, DataType.UINT8);
  }

  /** Four coins, of 16 bits each, from each number. */
  private static void coins(
      SplittableRandom random, int from, int to, int limit, ByteBuffer target) {
    boolean certain = limit > MASK;
    long lanes = CoinLanes.lanes(limit & MASK);
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long first = random.nextLong();
      long second = random.nextLong();
      target.putLong(
          i, certain ? ALL : CoinLanes.below(first, lanes) | CoinLanes.below(second, lanes) << 32);
    }
    for (; i + 4 <= to; i += 4) {
      long bits = random.nextLong();
      target.putInt(i, (int) (certain ? ALL : CoinLanes.below(bits, lanes)));
    }
    long bits = i < to ? random.nextLong() : 0;
    for (; i < to; i++) {
      target.put(i, (byte) (((int) bits & MASK) < limit ? 1 : 0));
      bits >>>= PROBABILITY_BITS;
    }
  }

  private NDArray draw(Shape shape, Draw draw) {
    FloatBuffer target = staging.floats(Math.toIntExact(shape.size()));
    forEachShare(
        shape,
        (random, from, to) -> {
          for (int i = from; i < to; i++) {
            target.put(i, draw.from(random));
          }
        });
    return staging.copyTo(manager, shape, DataType.FLOAT32);
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
