package io.github.diffusionhost.plugins.mnist;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The header of an IDX file of bytes: a magic number, then one big-endian 32-bit size for each
 * dimension, the number of records first (yann.lecun.com/exdb/mnist, "The IDX file format").
 *
 * @param count records: images or labels
 * @param rows of an image; 1 for labels
 * @param columns of an image; 1 for labels
 * @param bytes the header's own size
 */
record IdxHeader(int count, int rows, int columns, int bytes) {
  /** Magic number of three dimensions of unsigned bytes. */
  static final int IMAGES = 0x0803;

  /** Magic number of one dimension of unsigned bytes. */
  static final int LABELS = 0x0801;

  /** Beyond any IDX data in use; keeps the size of a record within 16 MiB. */
  private static final int LARGEST_EDGE = 4096;

  static IdxHeader read(Path file, DataInputStream in, int magic) throws IOException {
    int found = in.readInt();
    if (found != magic) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is not an IDX file of %s: it begins with 0x%08x instead of 0x%08x%s",
              file,
              magic == IMAGES ? "images" : "labels",
              found,
              magic,
              found >>> 16 == 0x1f8b ? "; it is gzipped, so name it .gz" : "; get it again"));
    }
    int count = in.readInt();
    int rows = magic == IMAGES ? in.readInt() : 1;
    int columns = magic == IMAGES ? in.readInt() : 1;
    if (count == 0) {
      throw new IOException(file + " holds no records: it needs at least one; get it again");
    }
    if (count < 0 || !isEdge(rows) || !isEdge(columns)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s says that it holds %d records of %d x %d: at most %d x %d can be; get it again",
              file,
              Integer.toUnsignedLong(count),
              Integer.toUnsignedLong(rows),
              Integer.toUnsignedLong(columns),
              LARGEST_EDGE,
              LARGEST_EDGE));
    }
    return new IdxHeader(count, rows, columns, magic == IMAGES ? 16 : 8);
  }

  private static boolean isEdge(int size) {
    return size > 0 && size <= LARGEST_EDGE;
  }

  /** Bytes of one record. */
  int recordBytes() {
    return rows * columns;
  }

  /** Bytes of the whole file, header included. */
  long fileBytes() {
    return bytes + (long) count * recordBytes();
  }
}
