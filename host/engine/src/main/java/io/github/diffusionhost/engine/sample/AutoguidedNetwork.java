package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import org.jspecify.annotations.Nullable;

/**
 * A network in sampling, led away from a weaker one: {@code guide + w (main − guide)}. Karras et
 * al. 2024, arXiv 2406.02507, equation 3, which mixes denoised images; those are a linear function
 * of the prediction at every noise level, and so the predictions are mixed.
 *
 * @param labels [N] int64, for both; null if the networks take none
 * @param guidance w
 */
record AutoguidedNetwork(Predictor main, Predictor guide, @Nullable NDArray labels, double guidance)
    implements DenoisingNetwork {
  @Override
  public NDArray predict(NDArray x, NDArray noiseCondition) {
    NDArray prediction;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray strong = main.predict(x, noiseCondition, labels);
      NDArray weak = guide.predict(x, noiseCondition, labels);
      prediction = weak.add(strong.sub(weak).mul(guidance));
      NDScope.unregister(prediction);
    }
    NDScope.register(prediction);
    return prediction;
  }
}
