package io.github.diffusionhost.plugins.unet;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.exchange.ForeignConfig;
import java.util.List;

/** The size of images as diffusers says it: an edge, or rows and columns. */
final class SampleSize {
  private static final String KEY = "sample_size";

  private SampleSize() {}

  static ImageShape read(ForeignConfig config) {
    int channels = config.whole("in_channels", 3);
    int predicted = config.whole("out_channels", 3);
    if (predicted != channels) {
      config.refuse(
          "out_channels", "is " + predicted + " (supported: in_channels, " + channels + ")");
    }
    List<Integer> sizes = config.wholeOrWholes(KEY);
    int height = sizes.isEmpty() ? 0 : sizes.get(0);
    int width = sizes.size() == 1 ? height : sizes.size() == 2 ? sizes.get(1) : 0;
    if (height < 1 || width < 1 || channels < 1) {
      config.refuse(
          channels < 1 ? "in_channels" : KEY,
          channels < 1 ? "is not positive" : "does not say the images' rows and columns");
      return new ImageShape(1, 1, 1);
    }
    return new ImageShape(channels, height, width);
  }

  static Object write(ImageShape shape) {
    return shape.height() == shape.width()
        ? (Object) shape.height()
        : List.of(shape.height(), shape.width());
  }
}
