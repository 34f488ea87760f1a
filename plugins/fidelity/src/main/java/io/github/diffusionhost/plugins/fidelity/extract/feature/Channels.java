package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;
import java.util.Locale;

/** Images for networks that see colours. */
public final class Channels {
  private Channels() {}

  /**
   * Three channels: a grey image's only one three times.
   *
   * @param images [N,C,H,W], C 1 or 3
   */
  public static NDArray rgb(String extractor, NDArray images) {
    long channels = images.getShape().get(1);
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the extractor %s takes grey images and RGB, and these have %d channels",
              extractor,
              channels));
    }
    return channels == 3 ? images : images.repeat(1, 3);
  }
}
