package io.github.diffusionhost.engine.random;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bytes that numbers of 64 bits hold, the lowest first: many are copied at once. */
final class PackedBytes {
  private PackedBytes() {}

  /**
   * Copies bytes.
   *
   * @param numbers that hold them
   * @param count of bytes
   * @param at the index of the first in the target
   */
  static void put(long[] numbers, int count, ByteBuffer target, int at) {
    int whole = count / Long.BYTES;
    ByteBuffer part = target.slice(at, count).order(ByteOrder.LITTLE_ENDIAN);
    part.asLongBuffer().put(0, numbers, 0, whole);
    for (int i = whole * Long.BYTES; i < count; i++) {
      part.put(i, (byte) (numbers[whole] >>> (Byte.SIZE * (i % Long.BYTES))));
    }
  }

  /** A number that holds two floats. */
  static long pair(float first, float second) {
    return (Float.floatToRawIntBits(first) & 0xFFFFFFFFL)
        | (long) Float.floatToRawIntBits(second) << Integer.SIZE;
  }
}
