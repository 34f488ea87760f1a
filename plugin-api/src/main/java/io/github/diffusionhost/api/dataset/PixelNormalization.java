package io.github.diffusionhost.api.dataset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * How bytes become the pixels that a network sees, and back: {@code (byte/255 - mean) / std}.
 *
 * @param mean subtracted from pixels in [0, 1]
 * @param std the divisor; positive
 */
public record PixelNormalization(float mean, float std) {
  /** Pixels in [-1, 1]. */
  public static final PixelNormalization SIGNED = new PixelNormalization(0.5f, 0.5f);

  /** Checks the divisor. */
  public PixelNormalization {
    if (!(std > 0) || !Float.isFinite(std) || !Float.isFinite(mean)) {
      throw new IllegalArgumentException("pixel std must be positive and finite, not " + std);
    }
  }

  /** Bytes [N,C,H,W] (uint8) to float32 pixels as the network sees them. */
  public NDArray normalize(NDArray bytes) {
    return bytes.toType(DataType.FLOAT32, true).divi(255f).subi(mean).divi(std);
  }

  /** Pixels as the network sees them to bytes [N,C,H,W] (uint8), clipped and rounded. */
  public NDArray toBytes(NDArray pixels) {
    return pixels
        .mul(std)
        .addi(mean)
        .muli(255f)
        .round()
        .clip(0f, 255f)
        .toType(DataType.UINT8, true);
  }
}
