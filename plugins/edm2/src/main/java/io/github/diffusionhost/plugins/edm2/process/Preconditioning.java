package io.github.diffusionhost.plugins.edm2.process;

import io.github.diffusionhost.api.scheduler.NoiseLevel;

/**
 * How a network F is seen as a denoiser of {@code x = x0 + σ·eps}: {@code D(x, σ) = cSkip·x +
 * cOut·F(cIn·x, cNoise)}. Its inputs and its targets then have variance 1 at every σ, if pixels
 * have variance σ_data². In float64. Karras et al. 2022, arXiv 2206.00364, table 1 and appendix
 * B.6.
 *
 * @param sigmaData σ_data, the standard deviation of pixels
 */
public record Preconditioning(double sigmaData) {
  /** How much of the noisy image the denoised one keeps. */
  public double skip(double sigma) {
    return sigmaData * sigmaData / (sigma * sigma + sigmaData * sigmaData);
  }

  /** What the network's output is multiplied with. */
  public double out(double sigma) {
    return sigma * sigmaData / Math.hypot(sigma, sigmaData);
  }

  /** What the noisy image is multiplied with before the network sees it. */
  public double in(double sigma) {
    return 1 / Math.hypot(sigma, sigmaData);
  }

  /** What the network is told: ln(σ)/4. */
  public double condition(double sigma) {
    return Math.log(sigma) / 4;
  }

  /**
   * λ(σ), the weight of the squared error of D: the inverse of {@code out²}, so that the weighted
   * error of D is the plain error of F.
   */
  public double weight(double sigma) {
    double out = out(sigma);
    return 1 / (out * out);
  }

  /**
   * What the network sees, {@code cIn·x}, and what it is asked for, {@code (x0 − cSkip·x)/cOut}, as
   * mixtures of image and noise. With {@code r = √(σ² + σ_data²)}: {@code (x0 + σ·eps)/r} and
   * {@code (σ/σ_data·x0 − σ_data·eps)/r}, which loses nothing to rounding at any σ.
   */
  public NoiseLevel at(double sigma) {
    double r = Math.hypot(sigma, sigmaData);
    return new NoiseLevel(1 / r, sigma / r, sigma / sigmaData / r, -sigmaData / r);
  }
}
