package io.github.diffusionhost.api.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;

/** A decoded image, in grey or in colours. */
public final class DecodedImage {
  private final ImageHeader header;
  private final BufferedImage image;

  DecodedImage(ImageHeader header, BufferedImage image) {
    this.header = header;
    this.image = image;
  }

  /** Its size, and how its samples are stored. */
  public ImageHeader header() {
    return header;
  }

  /** Whether a pixel is transparent, wholly or in part. */
  public boolean isTransparent() {
    ColorModel colours = image.getColorModel();
    for (int y = 0; colours.hasAlpha() && y < header.height(); y++) {
      for (int x = 0; x < header.width(); x++) {
        if (colours.getAlpha(image.getRaster().getDataElements(x, y, null)) != 255) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Its samples as bytes [C,H,W]. 16-bit samples are scaled to 8, transparency is laid over white,
   * colours become grey by ITU-R 601 luma, grey counts for all three colours.
   *
   * @param channels 1 (grey) or 3 (red, green, blue)
   */
  public byte[] planes(int channels) {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("an image has 1 or 3 channels, not " + channels);
    }
    int width = header.width();
    int area = width * header.height();
    byte[] bytes = new byte[channels * area];
    RgbRows rows = RgbRows.of(image);
    int[] rgb = new int[3 * width];
    for (int y = 0; y < header.height(); y++) {
      rows.read(y, rgb);
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        int red = rgb[3 * x];
        int green = rgb[3 * x + 1];
        int blue = rgb[3 * x + 2];
        if (channels == 1) {
          bytes[at] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
        } else {
          bytes[at] = (byte) red;
          bytes[area + at] = (byte) green;
          bytes[2 * area + at] = (byte) blue;
        }
      }
    }
    return bytes;
  }
}
