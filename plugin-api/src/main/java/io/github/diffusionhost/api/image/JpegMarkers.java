package io.github.diffusionhost.api.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The segments of a JPEG (ITU-T T.81, annex B) up to its first scan, and what its three components
 * are: libjpeg-turbo's {@code default_decompress_parms}. A JFIF marker means YCbCr, whatever else
 * says; without one Adobe's marker with transform 0 means RGB; without either components called R,
 * G and B are these. Everything else is YCbCr. Java's reader guesses otherwise: it takes components
 * that are not called 1, 2, 3 for RGB, and refuses a JFIF file with Adobe's transform 0.
 */
final class JpegMarkers {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int COM = 0xfe;
  private static final int APP0 = 0xe0;
  private static final int APP14 = 0xee;

  private final byte[] file;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private int scan;
  private boolean jfif;
  private int adobeTransform = -1;

  /** The segment that begins with the size; its first byte, or 0 before it is found. */
  private int frame;

  private JpegMarkers(byte[] file) {
    this.file = file;
  }

  static boolean isJpeg(byte[] file) {
    return file.length >= 3 && u8(file, 0) == 0xff && u8(file, 1) == SOI && u8(file, 2) == 0xff;
  }

  /** Reads the segments of a file that begins as a JPEG does. */
  static JpegMarkers of(byte[] file) throws IOException {
    JpegMarkers markers = new JpegMarkers(file);
    markers.read();
    return markers;
  }

  private void read() throws IOException {
    int at = 2;
    while (true) {
      at = nextMarker(at);
      int marker = u8(file, at);
      if (marker == SOS) {
        scan = at + 1;
        break;
      } else if (marker == SOI || marker == EOI) {
        throw new IOException("it holds no picture");
      } else if (marker == 0x01 || (marker >= 0xd0 && marker < SOI)) {
        at++;
        continue;
      }
      int length = at + 3 <= file.length ? u16(at + 1) : file.length;
      if (length < 2 || at + 1 + length > file.length) {
        throw new IOException("it breaks off within its header");
      }
      segment(marker, at + 1, length);
      at += 1 + length;
    }
    if (frame == 0) {
      throw new IOException("it says nothing about its size");
    }
  }

  /** The place of the next marker's code: surplus bytes, FF 00 and fill bytes are skipped. */
  private int nextMarker(int from) throws IOException {
    int at = from;
    while (at + 1 < file.length) {
      if (u8(file, at) == 0xff && u8(file, at + 1) != 0 && u8(file, at + 1) != 0xff) {
        return at + 1;
      }
      at++;
    }
    throw new IOException("it breaks off within its header");
  }

  /** A segment, from its two bytes of length on. */
  private void segment(int marker, int at, int length) throws IOException {
    if (marker == APP0 && length >= 16 && says(at + 2, "JFIF\0")) {
      jfif = true;
    } else if (marker == APP14 && length >= 14 && says(at + 2, "Adobe")) {
      adobeTransform = u8(file, at + 13);
    } else if (isFrame(marker)) {
      if (frame != 0 || length < 8 || length < 8 + 3 * u8(file, at + 7)) {
        throw new IOException("what it says about its size makes no sense");
      }
      frame = at;
    }
    if ((marker & 0xf0) != APP0 && marker != COM) {
      kept.write(0xff);
      kept.write(marker);
      kept.write(file, at, length);
    }
  }

  /** SOF0 to SOF15; the numbers between that are none are DHT, JPG and DAC. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private boolean says(int at, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length);
  }

  int components() {
    return u8(file, frame + 7);
  }

  ImageHeader header() throws IOException {
    int height = u16(frame + 3);
    int width = u16(frame + 5);
    if (width < 1 || height < 1) {
      throw new IOException(
          String.format(Locale.ROOT, "its header says that it is %d by %d", width, height));
    }
    return new ImageHeader(components() == 1 ? 1 : 3, height, width, u8(file, frame + 2));
  }

  private boolean isRgb() {
    if (jfif || adobeTransform >= 0) {
      return !jfif && adobeTransform == 0;
    }
    return id(0) == 'R' && id(1) == 'G' && id(2) == 'B';
  }

  private int id(int component) {
    return u8(file, frame + 8 + 3 * component);
  }

  /**
   * The same picture without application segments and comments, its colour space in one marker that
   * leaves nothing to guess: Adobe's, 1 for YCbCr, 0 for RGB.
   */
  byte[] plain() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + 32);
    out.write(0xff);
    out.write(SOI);
    if (components() == 3) {
      byte transform = (byte) (isRgb() ? 0 : 1);
      byte[] adobe = {
        (byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform
      };
      out.writeBytes(adobe);
    }
    out.writeBytes(kept.toByteArray());
    out.write(0xff);
    out.write(SOS);
    out.write(file, scan, file.length - scan);
    return out.toByteArray();
  }

  private int u16(int at) {
    return u8(file, at) << 8 | u8(file, at + 1);
  }

  private static int u8(byte[] bytes, int at) {
    return bytes[at] & 255;
  }
}
