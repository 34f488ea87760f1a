package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.arrays.ArrayScope;

/**
 * How far images are from others, pixel by pixel, over all batches.
 *
 * <p>PSNR is that of the mean squared error over all images, {@code 10 log₁₀(range²/MSE)}; SSIM is
 * the mean over images.
 */
public final class PixelError {
  private final double range;
  private double squares;
  private double similarities;
  private long elements;
  private long images;

  /**
   * No images yet.
   *
   * @param range the largest pixel less the smallest
   */
  public PixelError(double range) {
    this.range = range;
  }

  /**
   * Adds images.
   *
   * @param found [N,C,H,W]
   * @param wanted the same shape
   */
  public void add(NDArray found, NDArray wanted) {
    ArrayScope.run(
        () -> {
          NDArray difference =
              found.toType(DataType.FLOAT64, false).sub(wanted.toType(DataType.FLOAT64, false));
          squares += difference.mul(difference).sum().getDouble();
          elements += found.getShape().size();
          similarities += Ssim.of(found, wanted, range).sum().getDouble();
          images += found.getShape().get(0);
        });
  }

  /** The root of the mean squared error over images, channels and pixels. */
  public double rmse() {
    return Math.sqrt(squares / elements);
  }

  /** The peak signal-to-noise ratio in dB; infinite for equal images. */
  public double psnr() {
    return 20 * Math.log10(range / rmse());
  }

  /** The structural similarity; 1 for equal images. */
  public double ssim() {
    return similarities / images;
  }
}
