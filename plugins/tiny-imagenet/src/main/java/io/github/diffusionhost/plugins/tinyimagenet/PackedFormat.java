package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The layout of a packed file: a head, then the images, each {@link ImageShape#elements()} bytes.
 *
 * <p>The head, big-endian: 8 bytes "DHPACKED", the format's version, channels, rows, columns, the
 * number of images (4 bytes each), the 32 bytes of the key, the CRC-32C of each image (4 bytes
 * each), the CRC-32C of the head so far, and zeros up to a multiple of 4,096.
 *
 * @param shape of every image
 * @param count how many images there are
 * @param key what the images were made from
 */
record PackedFormat(ImageShape shape, int count, PackedKey key) {
  private static final long MAGIC = 0x44485041434b4544L;
  private static final int VERSION = 2;
  private static final int CHECKSUMS = 8 + 5 * Integer.BYTES + PackedKey.BYTES;
  private static final int PAGE = 4096;

  /** Bytes before the first image. */
  int headBytes() {
    long used = CHECKSUMS + (count + 1L) * Integer.BYTES;
    return Math.toIntExact((used + PAGE - 1) / PAGE * PAGE);
  }

  /** Bytes of the whole file. */
  long fileBytes() {
    return headBytes() + (long) count * shape.elements();
  }

  /** Writes the head. */
  byte[] head(int[] checksums) {
    ByteBuffer head = ByteBuffer.allocate(headBytes()).put(start());
    Arrays.stream(checksums).forEach(head::putInt);
    head.putInt(checksum(head.array(), head.position()));
    return head.array();
  }

  /**
   * Reads a head.
   *
   * @return the checksum of each image
   * @throws UnfitException if it is damaged or that of another file
   */
  int[] checksums(byte[] head) throws UnfitException {
    ByteBuffer in = ByteBuffer.wrap(head);
    if (head.length < headBytes() || in.getLong() != MAGIC) {
      throw new UnfitException("it is no packed file");
    }
    byte[] start = start();
    int end = CHECKSUMS + count * Integer.BYTES;
    if (!Arrays.equals(start, Arrays.copyOf(head, start.length))) {
      throw new UnfitException("it was made from other files, or by another version");
    } else if (in.getInt(end) != checksum(head, end)) {
      throw new UnfitException("its head is damaged");
    }
    int[] checksums = new int[count];
    in.position(CHECKSUMS).asIntBuffer().get(checksums);
    return checksums;
  }

  /** The checksum of the first bytes. */
  static int checksum(byte[] bytes, int length) {
    return checksum(bytes, 0, length);
  }

  /** The checksum of some bytes. */
  static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  private byte[] start() {
    return ByteBuffer.allocate(CHECKSUMS)
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(shape.channels())
        .putInt(shape.height())
        .putInt(shape.width())
        .putInt(count)
        .put(key.bytes())
        .array();
  }

  /** A packed file that cannot be used and is to be made anew. */
  static final class UnfitException extends IOException {
    UnfitException(String why) {
      super(why);
    }
  }
}
