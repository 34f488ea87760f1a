package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * What happens at one noise level: the network is given {@code signal·x0 + noise·eps}, and its
 * error is counted against {@code targetSignal·x0 + targetNoise·eps}, with eps of variance 1.
 *
 * @param signal how much of the image is left; 0 if nothing is
 * @param noise how much noise there is; not negative
 * @param targetSignal 0 for a network that predicts the noise, 1 for one that predicts the image
 * @param targetNoise 1 for a network that predicts the noise, 0 for one that predicts the image
 */
public record NoiseLevel(double signal, double noise, double targetSignal, double targetNoise) {
  /**
   * What the network is given for images that are this noisy: {@code signal·x0 + noise·eps}.
   *
   * @param images clean images x0 [N,C,H,W] float32, as the network sees pixels
   * @param eps unit normal, of the same shape
   */
  public NDArray seen(NDArray images, NDArray eps) {
    return images.mul(signal).add(eps.mul(noise));
  }

  /**
   * The least mean squared error that any linear prediction can have of values of the given
   * variance, uncorrelated with each other.
   */
  public double linearError(double variance) {
    double mixed = targetSignal * noise - targetNoise * signal;
    double seen = signal * signal * variance + noise * noise;
    return seen == 0 ? 0 : variance * mixed * mixed / seen;
  }
}
