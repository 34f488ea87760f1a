package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.image.DecodedImage;

/** A decoded image, one plane of bytes after another. */
final class PixelPlanes {
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] bytes;

  /**
   * @param channels 1 (grey) or 3 (red, green, blue)
   */
  PixelPlanes(DecodedImage image, int channels) {
    this.channels = channels;
    this.height = image.header().height();
    this.width = image.header().width();
    this.bytes = image.planes(channels);
  }

  int channels() {
    return channels;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /** Channels · height · width, row by row; not copied. */
  byte[] bytes() {
    return bytes;
  }
}
