package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;

/**
 * The shift of noise levels, {@code σ = s·u / (1 + (s−1)·u)}, which spends more time at high noise
 * for s &gt; 1, and the grids of σ that samplers step through. Computed in float64.
 *
 * <p>Esser et al. 2024, arXiv 2403.03206, equation 23. The grids are those of diffusers' {@code
 * FlowMatchEulerDiscreteScheduler}.
 *
 * @param factor s; positive
 * @param smallest the last nonzero level before the shift
 */
public record SigmaSchedule(double factor, double smallest) {
  /** The levels of the discrete training set; its smallest is 1/1000. */
  public static final int TRAINING_LEVELS = 1000;

  private static final double SMALLEST = 1.0 / TRAINING_LEVELS;

  /** No shift: σ = u. */
  public static SigmaSchedule unshifted() {
    return new SigmaSchedule(1, SMALLEST);
  }

  /**
   * A shift by token count: {@code s = e^mu}, mu on the line through (256, baseShift) and (4096,
   * maxShift), so that {@code σ = e^mu / (e^mu + 1/u − 1)}.
   */
  public static SigmaSchedule dynamic(long tokens, double baseShift, double maxShift) {
    double slope = (maxShift - baseShift) / (4096 - 256);
    return new SigmaSchedule(Math.exp(baseShift + slope * (tokens - 256)), SMALLEST);
  }

  /**
   * A fixed shift. As in diffusers it acts twice on the smallest level of a grid: the library's
   * constructor shifts 1/1000 already, and the grid that ends there is then shifted as a whole.
   */
  public static SigmaSchedule fixed(double factor) {
    return new SigmaSchedule(factor, shift(factor, SMALLEST));
  }

  /** σ of u in [0, 1]. */
  public double shift(double u) {
    return shift(factor, u);
  }

  /** σ of each u in [0, 1]: [N] to [N]. */
  public NDArray shift(NDArray u) {
    return factor == 1 ? u : u.mul(factor).div(u.mul(factor - 1).add(1));
  }

  /**
   * The grid of a sampler.
   *
   * @param steps n, at least 1
   * @return n falling levels, the first 1, and a 0
   */
  public double[] sigmas(int steps) {
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double u = steps == 1 ? 1 : 1 + i * (smallest - 1) / (steps - 1);
      sigmas[i] = shift(u);
    }
    return sigmas;
  }

  private static double shift(double s, double u) {
    return s * u / (1 + (s - 1) * u);
  }
}
