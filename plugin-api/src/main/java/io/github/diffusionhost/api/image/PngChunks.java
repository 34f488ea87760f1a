package io.github.diffusionhost.api.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG (W3C PNG specification, section 5): a length, a type, data, a CRC. Java's
 * reader believes every length and looks at no CRC.
 */
final class PngChunks {
  private static final long SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int IHDR = 0x49484452;
  private static final int IEND = 0x49454e44;
  private static final int GREY = 0;
  private static final int GREY_ALPHA = 4;

  private PngChunks() {}

  static boolean isPng(byte[] file) {
    return file.length >= Long.BYTES && ByteBuffer.wrap(file).getLong() == SIGNATURE;
  }

  /** The header, after a check that all chunks up to the last one are there and undamaged. */
  static ImageHeader header(byte[] file) throws IOException {
    check(file);
    ByteBuffer in = ByteBuffer.wrap(file).position(Long.BYTES);
    if (in.getInt() != 13 || in.getInt() != IHDR) {
      throw new IOException("it does not begin with a header");
    }
    int width = in.getInt();
    int height = in.getInt();
    int bits = in.get();
    int colour = in.get();
    if (width < 1 || height < 1) {
      throw new IOException(
          String.format(Locale.ROOT, "its header says that it is %d by %d", width, height));
    }
    return new ImageHeader(colour == GREY || colour == GREY_ALPHA ? 1 : 3, height, width, bits);
  }

  private static void check(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file).position(Long.BYTES);
    int type = 0;
    while (type != IEND) {
      if (in.remaining() < 12) {
        throw new IOException("it ends before its last chunk");
      }
      long length = Integer.toUnsignedLong(in.getInt());
      if (length > in.remaining() - 8) {
        throw new IOException("a chunk of " + length + " bytes goes beyond its end");
      }
      CRC32 crc = new CRC32();
      crc.update(file, in.position(), (int) length + 4);
      type = in.getInt();
      in.position(in.position() + (int) length);
      if (in.getInt() != (int) crc.getValue()) {
        throw new IOException("the checksum of a chunk is wrong");
      }
    }
  }
}
