package io.github.diffusionhost.plugins.ddpm;

import ai.djl.ndarray.NDArray;

/**
 * Keeps predicted images within [−range, range].
 *
 * @param range positive; infinite for no clipping
 */
public record Clipping(double range) {
  /** No clipping. */
  public static final Clipping NONE = new Clipping(Double.POSITIVE_INFINITY);

  /** What the options say. */
  static Clipping of(DdpmOptions options) {
    return options.clipSample() ? new Clipping(options.clipRange()) : NONE;
  }

  /** A predicted image, clipped. */
  public NDArray apply(NDArray image) {
    return Double.isInfinite(range) ? image : image.clip(-range, range);
  }
}
