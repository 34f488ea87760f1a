package io.github.diffusionhost.plugins.ddpm.process;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * Keeps predicted images within a range: [−range, range], or by dynamic thresholding within [−1,
 * 1].
 *
 * @param range positive; infinite for no clipping; of no use with thresholding
 * @param thresholding how, instead of by the range; null for by the range
 */
public record Clipping(double range, @Nullable DynamicThresholding thresholding) {
  /** No clipping. */
  public static final Clipping NONE = new Clipping(Double.POSITIVE_INFINITY);

  /** Clipping to a range. */
  public Clipping(double range) {
    this(range, null);
  }

  /** What the options say for samplers that clip and threshold. */
  public static Clipping of(DdpmOptions options) {
    return options.thresholding()
        ? thresholdingOnly(options)
        : options.clipSample() ? new Clipping(options.clipRange()) : NONE;
  }

  /** What the options say for samplers that threshold and clip nothing. */
  public static Clipping thresholdingOnly(DdpmOptions options) {
    return options.thresholding()
        ? new Clipping(
            Double.POSITIVE_INFINITY,
            new DynamicThresholding(options.thresholdingRatio(), options.thresholdingMax()))
        : NONE;
  }

  /** A predicted image, clipped. */
  public NDArray apply(NDArray image) {
    if (thresholding != null) {
      return thresholding.apply(image);
    }
    return Double.isInfinite(range) ? image : image.clip(-range, range);
  }
}
