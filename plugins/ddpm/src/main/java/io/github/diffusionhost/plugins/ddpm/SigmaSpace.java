package io.github.diffusionhost.plugins.ddpm;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;

/**
 * The network of a variance-preserving process seen from {@code x = x0 + σ·eps}: it is shown {@code
 * x/√(σ²+1)}.
 *
 * @param network the network
 * @param prediction what it predicts
 * @param clipping of predicted images
 */
record SigmaSpace(DenoisingNetwork network, Prediction prediction, Clipping clipping) {
  /**
   * The scale of the noise that sampling starts from: σ where the first level is the largest there
   * is, and with {@link Spacing#LEADING} √(σ²+1), as in diffusers.
   */
  static double start(LevelGrid grid, Spacing spacing) {
    double sigma = grid.sigma(0);
    return spacing == Spacing.LEADING ? Math.sqrt(sigma * sigma + 1) : sigma;
  }

  /** {@code dx/dσ = (x − x0)/σ}. */
  NDArray slope(NDArray x, double sigma, double time) {
    Mix mix = Mix.ofSigma(sigma);
    NDArray seen = x.mul(mix.signal());
    NDArray output = Evaluation.of(network, seen, time);
    return x.sub(clipping.apply(prediction.image(seen, output, mix))).div(sigma);
  }
}
