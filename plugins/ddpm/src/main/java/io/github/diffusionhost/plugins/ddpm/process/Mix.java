package io.github.diffusionhost.plugins.ddpm.process;

/**
 * A noisy image {@code x = signal·x0 + noise·eps} whose variance is kept: {@code signal² + noise² =
 * 1}.
 *
 * @param signal √ᾱ
 * @param noise √(1−ᾱ)
 */
public record Mix(double signal, double noise) {
  /** By ᾱ in [0, 1]. */
  public static Mix ofAlphaCumprod(double alphaCumprod) {
    return new Mix(Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod));
  }

  /** By {@code σ = noise / signal}, the noise beside an image of full strength. */
  public static Mix ofSigma(double sigma) {
    double signal = 1 / Math.sqrt(sigma * sigma + 1);
    return new Mix(signal, sigma * signal);
  }

  /** Half the logarithm of the signal-to-noise ratio, λ; infinite without noise. */
  public double lambda() {
    return Math.log(signal) - Math.log(noise);
  }
}
