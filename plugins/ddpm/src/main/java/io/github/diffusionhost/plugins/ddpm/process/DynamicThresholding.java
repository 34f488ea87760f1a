package io.github.diffusionhost.plugins.ddpm.process;

import ai.djl.ndarray.NDArray;

/**
 * Dynamic thresholding of predicted images: each is clipped to [−s, s] and divided by s, where s is
 * a quantile of its own absolute pixels, at least 1. Saharia et al. 2022, arXiv 2205.11487, section
 * 2.3.
 *
 * @param ratio the quantile, in [0, 1]; linear between pixels
 * @param most what s is at most; positive
 */
public record DynamicThresholding(double ratio, double most) {
  /** Images [N,C,H,W], within [−1, 1] where {@code most} is at least 1. */
  public NDArray apply(NDArray images) {
    long n = images.getShape().get(0);
    NDArray sorted = images.abs().reshape(n, -1).sort(1);
    long last = sorted.getShape().get(1) - 1;
    double place = ratio * last;
    long below = (long) Math.floor(place);
    NDArray low = sorted.get(":, " + below);
    NDArray high = sorted.get(":, " + Math.min(below + 1, last));
    NDArray quantile = low.add(high.sub(low).mul(place - below));
    NDArray s = quantile.maximum(1).minimum(most).reshape(n, 1, 1, 1);
    return images.minimum(s).maximum(s.neg()).div(s);
  }
}
