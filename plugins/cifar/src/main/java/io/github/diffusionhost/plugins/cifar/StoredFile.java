package io.github.diffusionhost.plugins.cifar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** The beginning of a file of the set. */
final class StoredFile {
  private final String where;
  private final long size;
  private final byte[] head;

  private StoredFile(String where, long size, byte[] head) {
    this.where = where;
    this.size = size;
    this.head = head;
  }

  /**
   * Reads the beginning of a file.
   *
   * @param size the bytes that {@code in} holds
   * @param atMost the most bytes to keep
   * @throws EOFException if there are fewer bytes than that
   */
  static StoredFile read(String where, long size, int atMost, InputStream in) throws IOException {
    int wanted = (int) Math.min(size, atMost);
    byte[] head = in.readNBytes(wanted);
    if (head.length < wanted) {
      throw new EOFException(
          String.format(
              Locale.ROOT,
              "%s ends after %,d of %,d bytes; get it again",
              where,
              head.length,
              size));
    }
    return new StoredFile(where, size, head);
  }

  /** What messages call it. */
  String where() {
    return where;
  }

  /** The bytes of the whole file. */
  long size() {
    return size;
  }

  /** Its first bytes, as many as were asked for; not a copy. */
  byte[] head() {
    return head;
  }
}
