package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDArray;

/**
 * In which unit a scheduler tells the network how noisy an image is. A network whose embedding is
 * made for the other unit converts, so that any network works under any scheduler: {@code timestep
 * = 250 (c + 2)}, which takes the usual σ of [0.002, 80] to timesteps of [112, 774].
 */
public enum NoiseCondition {
  /** From 0 for a clean image to about 1000 for noise. */
  TIMESTEP,
  /** {@code ln(σ)/4}, about −1.6 to 1.1: Karras et al. 2022, arXiv 2206.00364, table 1. */
  LOG_SIGMA;

  private static final double SCALE = 250;
  private static final double SHIFT = 2;

  /** A condition of this unit [N] as a timestep [N]. */
  public NDArray toTimestep(NDArray condition) {
    return this == TIMESTEP ? condition : condition.add(SHIFT).mul(SCALE);
  }

  /** A condition of this unit [N] as ln(σ)/4 [N]. */
  public NDArray toLogSigma(NDArray condition) {
    return this == LOG_SIGMA ? condition : condition.mul(1 / SCALE).sub(SHIFT);
  }
}
