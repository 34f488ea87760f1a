package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.Locale;

/**
 * Structural similarity. Wang et al. 2004, "Image quality assessment: from error visibility to
 * structural similarity", equation 13: a Gaussian window of 11×11 with σ 1.5, k₁ 0.01, k₂ 0.03, and
 * the mean over channels and pixels. Images are continued beyond their edges by reflection, as
 * torchmetrics does; programs that leave the edges out find other values.
 */
public final class Ssim {
  private static final int WINDOW = 11;
  private static final int BEYOND = WINDOW / 2;

  private static final double SIGMA = 1.5;

  private Ssim() {}

  /**
   * The similarity of each pair of images.
   *
   * @param x [N,C,H,W], H and W at least 6
   * @param y the same shape
   * @param range the largest pixel less the smallest
   * @return [N] float64
   */
  public static NDArray of(NDArray x, NDArray y, double range) {
    Shape shape = x.getShape();
    if (shape.get(2) <= BEYOND || shape.get(3) <= BEYOND) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "SSIM needs images of at least 6x6 pixels, and these are %dx%d",
              shape.get(2),
              shape.get(3)));
    }
    NDArray a = planes(x);
    NDArray b = planes(y);
    NDArray means = blur(a.concat(b));
    NDArray squares = blur(a.mul(a).concat(b.mul(b)));
    long planes = a.getShape().get(0);
    NDArray meanA = part(means, 0, planes);
    NDArray meanB = part(means, planes, 2 * planes);
    NDArray product = meanA.mul(meanB);
    NDArray power = meanA.mul(meanA).add(meanB.mul(meanB));
    NDArray variances = part(squares, 0, planes).add(part(squares, planes, 2 * planes)).sub(power);
    NDArray covariance = blur(a.mul(b)).sub(product);
    double c1 = Math.pow(0.01 * range, 2);
    double c2 = Math.pow(0.03 * range, 2);
    NDArray top = product.mul(2).add(c1).mul(covariance.mul(2).add(c2));
    NDArray bottom = power.add(c1).mul(variances.add(c2));
    return top.div(bottom).reshape(shape.get(0), -1).mean(new int[] {1});
  }

  /** Every channel an image of its own, continued by reflection, [N·C,1,H+10,W+10] float64. */
  private static NDArray planes(NDArray x) {
    Shape shape = x.getShape();
    NDArray planes = x.toType(DataType.FLOAT64, false).reshape(-1, 1, shape.get(2), shape.get(3));
    return reflected(reflected(planes, 2, ":,:,%d:%d"), 3, ":,:,:,%d:%d");
  }

  /** Continues an axis at both ends; the edge itself is not repeated. */
  private static NDArray reflected(NDArray x, int axis, String range) {
    long size = x.getShape().get(axis);
    NDArray before = x.get(range.formatted(1, 1 + BEYOND)).flip(axis);
    NDArray after = x.get(range.formatted(size - 1 - BEYOND, size - 1)).flip(axis);
    return before.concat(x, axis).concat(after, axis);
  }

  private static NDArray part(NDArray x, long from, long to) {
    return x.get(String.format(Locale.ROOT, "%d:%d", from, to));
  }

  /** The weighted mean over the window, rows and then columns. */
  private static NDArray blur(NDArray x) {
    NDArray weights = x.getManager().create(window());
    NDArray rows = Conv2d.conv2d(x, weights.reshape(1, 1, WINDOW, 1)).get(0);
    return Conv2d.conv2d(rows, weights.reshape(1, 1, 1, WINDOW)).get(0);
  }

  private static double[] window() {
    double[] weights = new double[WINDOW];
    double sum = 0;
    for (int i = 0; i < WINDOW; i++) {
      double distance = (i - WINDOW / 2) / SIGMA;
      weights[i] = Math.exp(-distance * distance / 2);
      sum += weights[i];
    }
    for (int i = 0; i < WINDOW; i++) {
      weights[i] /= sum;
    }
    return weights;
  }
}
