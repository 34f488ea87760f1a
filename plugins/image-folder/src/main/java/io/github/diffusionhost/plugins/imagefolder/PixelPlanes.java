package io.github.diffusionhost.plugins.imagefolder;

import java.awt.image.BufferedImage;

/** A decoded image, one plane of bytes after another. */
final class PixelPlanes {
  private final int channels;
  private final ImageSize size;
  private final byte[] bytes;

  /**
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param bytes channels · height · width, row by row; not copied
   */
  PixelPlanes(int channels, ImageSize size, byte[] bytes) {
    this.channels = channels;
    this.size = size;
    this.bytes = bytes;
  }

  int channels() {
    return channels;
  }

  ImageSize size() {
    return size;
  }

  byte[] bytes() {
    return bytes;
  }

  /**
   * Takes the samples as they are stored, without colour profiles. 16-bit samples are scaled to 8,
   * transparency is laid over white, colour becomes grey by ITU-R 601 luma.
   */
  static PixelPlanes of(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    int area = width * height;
    byte[] bytes = new byte[channels * area];
    RgbRows rows = RgbRows.of(image);
    int[] rgb = new int[3 * width];
    for (int y = 0; y < height; y++) {
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
    return new PixelPlanes(channels, new ImageSize(width, height), bytes);
  }
}
