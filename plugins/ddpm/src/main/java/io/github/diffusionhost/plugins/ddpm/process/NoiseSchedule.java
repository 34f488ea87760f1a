package io.github.diffusionhost.plugins.ddpm.process;

/**
 * The forward process in closed form: {@code x_t = √ᾱ_t·x0 + √(1−ᾱ_t)·eps} with {@code ᾱ_t =
 * Π_{s≤t} (1−β_s)} (Ho et al. 2020, arXiv 2006.11239, equation 4). In float64; t counts from 0, and
 * t = −1 is the image without noise.
 */
public final class NoiseSchedule {
  private final double[] betas;
  private final double[] alphasCumprod;

  /**
   * The process of some variances.
   *
   * @param betas β, t = 0 first; each in (0, 1), the last one possibly 1
   */
  public NoiseSchedule(double[] betas) {
    this.betas = betas.clone();
    this.alphasCumprod = cumulativeProduct(betas);
  }

  /** The process that the options describe. */
  public static NoiseSchedule of(DdpmOptions options) {
    double[] betas = options.schedule().betas(options);
    return new NoiseSchedule(options.zeroTerminalSnr() ? ZeroTerminalSnr.rescale(betas) : betas);
  }

  /** T, how many timesteps there are. */
  public int timesteps() {
    return betas.length;
  }

  /** β_t. */
  public double beta(int t) {
    return betas[t];
  }

  /** ᾱ_t; 1 for t = −1. */
  public double alphaCumprod(int t) {
    return t < 0 ? 1 : alphasCumprod[t];
  }

  /** How much image and how much noise there is at t. */
  public Mix mix(int t) {
    return Mix.ofAlphaCumprod(alphaCumprod(t));
  }

  /** The signal-to-noise ratio {@code ᾱ_t / (1−ᾱ_t)}. */
  public double snr(int t) {
    return alphasCumprod[t] / (1 - alphasCumprod[t]);
  }

  /** ᾱ of β. */
  static double[] cumulativeProduct(double[] betas) {
    double[] bars = new double[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      bars[t] = product;
    }
    return bars;
  }
}
