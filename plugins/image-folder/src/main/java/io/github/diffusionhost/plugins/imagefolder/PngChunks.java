package io.github.diffusionhost.plugins.imagefolder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG (W3C PNG specification, section 5): a length, a type, data, a CRC. Java's
 * reader believes every length and looks at no CRC.
 */
final class PngChunks {
  private static final int SIGNATURE_BYTES = 8;
  private static final int IEND = 0x49454e44;

  private PngChunks() {}

  /** Checks that the chunks fill the file up to the last one and that none is damaged. */
  static void check(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE_BYTES);
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
