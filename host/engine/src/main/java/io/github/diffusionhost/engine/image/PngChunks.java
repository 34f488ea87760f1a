package io.github.diffusionhost.engine.image;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The chunks of a PNG, whose checksums Java's reader does not look at: PNG specification, 5.3. */
final class PngChunks {
  private static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int LAST = 0x49454e44;

  private PngChunks() {}

  /** Whether every chunk is there, up to the last one, with its checksum. */
  static boolean areWhole(byte[] file) {
    ByteBuffer rest = ByteBuffer.wrap(file, SIGNATURE, file.length - SIGNATURE);
    while (rest.remaining() >= AROUND) {
      int length = rest.getInt();
      if (length < 0 || length > rest.remaining() - (AROUND - Integer.BYTES)) {
        return false;
      }
      CRC32 crc = new CRC32();
      crc.update(file, rest.position(), Integer.BYTES + length);
      int type = rest.getInt();
      rest.position(rest.position() + length);
      if (rest.getInt() != (int) crc.getValue()) {
        return false;
      } else if (type == LAST) {
        return true;
      }
    }
    return false;
  }
}
