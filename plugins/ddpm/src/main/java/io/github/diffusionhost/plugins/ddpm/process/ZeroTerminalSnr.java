package io.github.diffusionhost.plugins.ddpm.process;

/**
 * The rescaling after which the last timestep is pure noise: √ᾱ is shifted so that its last value
 * is 0, and stretched so that its first one stays.
 *
 * <p>Lin et al. 2023, arXiv 2305.08891, algorithm 1. A network that predicts the noise learns
 * nothing from such a timestep, and no image follows from its prediction: predict v or the image.
 */
public final class ZeroTerminalSnr {
  private ZeroTerminalSnr() {}

  /**
   * Rescales.
   *
   * @param betas at least two, each in (0, 1)
   * @return as many, the last one 1
   */
  public static double[] rescale(double[] betas) {
    double[] bars = NoiseSchedule.cumulativeProduct(betas);
    double first = Math.sqrt(bars[0]);
    double last = Math.sqrt(bars[bars.length - 1]);
    for (int t = 0; t < bars.length; t++) {
      double root = (Math.sqrt(bars[t]) - last) * first / (first - last);
      bars[t] = root * root;
    }
    double[] rescaled = new double[betas.length];
    rescaled[0] = 1 - bars[0];
    for (int t = 1; t < bars.length; t++) {
      rescaled[t] = 1 - bars[t] / bars[t - 1];
    }
    return rescaled;
  }
}
