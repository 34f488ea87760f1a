package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.image.DecodedImage;
import io.github.diffusionhost.api.image.StrictImages;
import java.io.IOException;
import java.util.Locale;

/** Decodes one image of the set; every failure is an error that names it. */
final class JpegDecoder {
  /** What every image of the set is. */
  static final ImageShape SHAPE = new ImageShape(3, 64, 64);

  private JpegDecoder() {}

  /**
   * Its pixels, channel by channel, row by row; grey samples count for all three colours.
   *
   * @param where what messages call the file
   */
  static byte[] decode(String where, byte[] file) throws IOException {
    DecodedImage image = StrictImages.decode(where, file);
    int width = image.header().width();
    int height = image.header().height();
    if (width != SHAPE.width() || height != SHAPE.height()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is %dx%d pixels, and images of Tiny ImageNet are %dx%d; unpack the set again",
              where,
              width,
              height,
              SHAPE.width(),
              SHAPE.height()));
    }
    return image.planes(SHAPE.channels());
  }
}
