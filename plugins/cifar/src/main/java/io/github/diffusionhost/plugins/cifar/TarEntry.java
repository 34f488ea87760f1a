package io.github.diffusionhost.plugins.cifar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A header block of a tar archive (POSIX.1-1988 "ustar", and the older form without a magic).
 *
 * @param name the entry's path as it is written there: to be compared, never to be written to
 * @param size bytes that follow the header
 * @param regular whether it is a plain file; links, folders and extension headers are not
 */
record TarEntry(String name, long size, boolean regular) {
  /** Bytes of a block: headers take one, contents whole ones. */
  static final int BLOCK = 512;

  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_BYTES = 8;
  private static final int TYPE = 156;

  /**
   * Reads a header.
   *
   * @throws IOException if it is none; the message is for the end of a sentence
   */
  static TarEntry parse(byte[] block) throws IOException {
    if (number(block, CHECKSUM, CHECKSUM_BYTES) != checksum(block)) {
      throw new IOException("the checksum of an entry's header is wrong");
    }
    byte type = block[TYPE];
    String prefix = text(block, 257, 5).equals("ustar") ? text(block, 345, 155) : "";
    String name = text(block, 0, 100);
    return new TarEntry(
        prefix.isEmpty() ? name : prefix + "/" + name,
        number(block, 124, 12),
        type == '0' || type == 0);
  }

  /** The file name without the folders around it. */
  String fileName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** Bytes between the end of the content and the next header. */
  long padding() {
    return (BLOCK - size % BLOCK) % BLOCK;
  }

  /** The sum of all bytes, those of the checksum itself counted as spaces. */
  private static long checksum(byte[] block) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean own = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_BYTES;
      sum += own ? ' ' : Byte.toUnsignedInt(block[i]);
    }
    return sum;
  }

  /** Octal digits, ended by a space, a zero byte or the end of the field. */
  private static long number(byte[] block, int from, int length) throws IOException {
    String digits = text(block, from, length).strip();
    try {
      // Eleven octal digits are at most 8 GiB; a sign, which Java would take, is no digit.
      if (!digits.isEmpty() && Character.digit(digits.charAt(0), 8) >= 0) {
        return Long.parseLong(digits, 8);
      }
    } catch (NumberFormatException e) {
      throw new IOException("a number of an entry's header is not octal", e);
    }
    throw new IOException("a number of an entry's header is not octal");
  }

  private static String text(byte[] block, int from, int length) {
    int end = from;
    while (end < from + length && block[end] != 0) {
      end++;
    }
    return new String(block, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
