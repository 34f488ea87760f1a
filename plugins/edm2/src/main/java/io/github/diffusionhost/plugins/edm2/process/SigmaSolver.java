package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.Sampling;

/** Follows an image from much noise to none, in float64. */
@FunctionalInterface
interface SigmaSolver {
  /**
   * Solves {@code dx/dσ = (x − D(x, σ))/σ}, or its stochastic relative.
   *
   * @param images D
   * @param sigmas falling levels and a 0
   * @param start x at the first level, [N,C,H,W] float64; closed
   * @param sampling draws, and the listener, which is told of float64 states
   * @return x at 0, [N,C,H,W] float64
   */
  NDArray solve(ImageEstimate images, double[] sigmas, NDArray start, Sampling sampling);
}
