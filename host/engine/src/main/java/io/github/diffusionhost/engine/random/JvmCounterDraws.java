package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/** {@link CounterDraws} made by the JVM on all cores, and copied to the device. */
public final class JvmCounterDraws implements CounterDraws {
  /** Blocks whose words are made at a time: few enough for the first cache. */
  private static final int BLOCKS = 256;

  /** Numbers of 64 bits, which hold two words, of a block. */
  private static final int NUMBERS = 2;

  private static final Kind UNIFORM = new Kind(DataType.FLOAT32, 2, JvmCounterDraws::uniform);
  private static final Kind NORMAL = new Kind(DataType.FLOAT32, 2, BoxMuller::normal);

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
    return draw(places, tag, each, UNIFORM);
  }

  private static void uniform(long[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      int first = (int) numbers[i];
      int second = (int) (numbers[i] >>> Integer.SIZE);
      numbers[i] = PackedBytes.pair((first >>> 8) * 0x1p-24f, (second >>> 8) * 0x1p-24f);
    }
  }

  @Override
  public NDArray normal(long[] places, int tag, int each) {
    return draw(places, tag, each, NORMAL);
  }

  @Override
  public NDArray coins(long[] places, int tag, int each, int limit) {
    CoinLanes lanes = new CoinLanes(limit);
    return draw(places, tag, each, new Kind(DataType.UINT8, CoinLanes.COINS, lanes::toss));
  }

  /**
   * What words are made into.
   *
   * @param type of the values
   * @param perNumber how many values come from a number of 64 bits, which holds two words
   */
  private record Kind(DataType type, int perNumber, Making making) {}

  /** Puts values, as {@link PackedBytes} takes them, in the place of {@link Philox}'s words. */
  @FunctionalInterface
  private interface Making {
    void of(long[] numbers, int count);
  }

  private NDArray draw(long[] places, int tag, int each, Kind kind) {
    Shape shape = new Shape(Math.multiplyExact((long) places.length, each));
    return staging.filled(
        manager, shape, kind.type, target -> fill(target, places, tag, each, kind));
  }

  private void fill(ByteBuffer target, long[] places, int tag, int each, Kind kind) {
    int size = kind.type.getNumOfBytes();
    int perBlock = NUMBERS * kind.perNumber;
    int blocks = Math.min(BLOCKS, (each + perBlock - 1) / perBlock);
    EachShare.of(
        places.length,
        each,
        (image, from, to) -> {
          long[] numbers = new long[NUMBERS * blocks];
          for (int at = from; at < to; at += blocks * perBlock) {
            int count = Math.min(blocks * perBlock, to - at);
            int needed = (count + perBlock - 1) / perBlock;
            Philox.words(numbers, (at - from) / perBlock, needed, tag, places[image], key);
            kind.making.of(numbers, NUMBERS * needed);
            PackedBytes.put(numbers, count * size, target, at * size);
          }
        });
  }
}
