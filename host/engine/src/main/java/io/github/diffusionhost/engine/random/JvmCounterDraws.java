package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** {@link CounterDraws} made by the JVM on all cores, and copied to the device. */
public final class JvmCounterDraws implements CounterDraws {
  private static final int BLOCKS = 256;
  private static final int WORDS = 4 * BLOCKS;
  private static final long WORD = 0xFFFFFFFFL;
  private static final double TO_UNIT = 0x1p-32;
  private static final int HALF = 0xFFFF;

  private final NDManager manager;
  private final StagingBuffer staging;
  private final long key;

  /**
   * Draws under a key.
   *
   * @param manager the device; arrays are left to the caller's scope
   */
  public JvmCounterDraws(NDManager manager, StagingBuffer staging, long key) {
    this.manager = manager;
    this.staging = staging;
    this.key = key;
  }

  @Override
  public NDArray uniform(long[] places, int tag, int each) {
    FloatBuffer target = staging.floats(Math.multiplyExact(places.length, each));
    fill(
        places,
        tag,
        each,
        1,
        (words, from, count) -> {
          for (int i = 0; i < count; i++) {
            target.put(from + i, (words[i] >>> 8) * 0x1p-24f);
          }
        });
    return staging.copyTo(manager, new Shape((long) places.length * each), DataType.FLOAT32);
  }

  @Override
  public NDArray normal(long[] places, int tag, int each) {
    FloatBuffer target = staging.floats(Math.multiplyExact(places.length, each));
    fill(places, tag, each, 1, (words, from, count) -> boxMuller(words, target, from, count));
    return staging.copyTo(manager, new Shape((long) places.length * each), DataType.FLOAT32);
  }

  private static void boxMuller(int[] words, FloatBuffer target, int from, int count) {
    for (int i = 0; i < count; i += 2) {
      double radius = Math.sqrt(-2 * Math.log(((words[i] & WORD) + 0.5) * TO_UNIT));
      double angle = 2 * Math.PI * TO_UNIT * (words[i + 1] & WORD);
      target.put(from + i, (float) (radius * Math.cos(angle)));
      if (i + 1 < count) {
        target.put(from + i + 1, (float) (radius * Math.sin(angle)));
      }
    }
  }

  @Override
  public NDArray coins(long[] places, int tag, int each, int limit) {
    ByteBuffer target = staging.bytes(Math.multiplyExact(places.length, each));
    fill(places, tag, each, 2, (words, from, count) -> coins(words, limit, target, from, count));
    return staging.copyTo(manager, new Shape((long) places.length * each), DataType.UINT8);
  }

  private static void coins(int[] words, int limit, ByteBuffer target, int from, int count) {
    boolean certain = limit > HALF;
    long lanes = CoinLanes.lanes(limit & HALF);
    int i = 0;
    for (; i + 4 <= count && !certain; i += 4) {
      long four = (words[i / 2] & WORD) | (long) words[i / 2 + 1] << Integer.SIZE;
      target.putInt(from + i, (int) CoinLanes.below(four, lanes));
    }
    for (; i < count; i++) {
      int number = (words[i / 2] >>> (i % 2 == 0 ? 0 : Short.SIZE)) & HALF;
      target.put(from + i, (byte) (number < limit ? 1 : 0));
    }
  }

  /** What makes elements of words. */
  @FunctionalInterface
  private interface Making {
    /**
     * Makes {@code count} elements.
     *
     * @param from the index of the first
     */
    void of(int[] words, int from, int count);
  }

  /** Hands on the words of every image, some at a time. */
  private void fill(long[] places, int tag, int each, int perWord, Making making) {
    int most = WORDS * perWord;
    EachShare.of(
        places.length,
        each,
        (image, from, to) -> {
          int[] words = new int[WORDS];
          for (int at = from; at < to; at += most) {
            int count = Math.min(most, to - at);
            int blocks = (count + 4 * perWord - 1) / (4 * perWord);
            Philox.words(words, (at - from) / perWord / 4, blocks, tag, places[image], key);
            making.of(words, at, count);
          }
        });
  }
}
