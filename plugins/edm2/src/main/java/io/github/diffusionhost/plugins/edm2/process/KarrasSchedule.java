package io.github.diffusionhost.plugins.edm2.process;

/**
 * The grid of a sampler: equal steps of {@code σ^(1/ρ)}, which are finer where there is little
 * noise. In float64. Karras et al. 2022, arXiv 2206.00364, equation 5.
 *
 * @param sigmaMin the smallest σ above 0
 * @param sigmaMax the first σ
 * @param rho ρ; 1 for equal steps of σ
 */
public record KarrasSchedule(double sigmaMin, double sigmaMax, double rho) {
  /**
   * The levels of a number of steps.
   *
   * @param steps n, at least 1; with 1 the only level is σ_max
   * @return n falling levels and a 0
   */
  public double[] sigmas(int steps) {
    double most = Math.pow(sigmaMax, 1 / rho);
    double least = Math.pow(sigmaMin, 1 / rho);
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double ramp = steps == 1 ? 0 : (double) i / (steps - 1);
      sigmas[i] = Math.pow(most + ramp * (least - most), rho);
    }
    return sigmas;
  }
}
