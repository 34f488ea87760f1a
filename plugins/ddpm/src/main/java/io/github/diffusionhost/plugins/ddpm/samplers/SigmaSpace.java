package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.plugins.ddpm.process.Clipping;
import io.github.diffusionhost.plugins.ddpm.process.Mix;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.spacing.LevelGrid;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

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

  /** x0 as the network sees it in x at σ. */
  NDArray image(NDArray x, double sigma, double time) {
    Mix mix = Mix.ofSigma(sigma);
    NDArray seen = x.mul(mix.signal());
    NDArray output = Evaluation.of(network, seen, time);
    return clipping.apply(prediction.image(seen, output, mix));
  }

  /**
   * An Euler step {@code x + (to − from)·(x − x0)/from}, as a mean of x and x0: the form that loses
   * nothing to rounding where σ falls from thousands to a few.
   */
  static NDArray euler(NDArray x, NDArray image, double from, double to) {
    return x.mul(to / from).add(image.mul(1 - to / from));
  }
}
