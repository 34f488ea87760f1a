package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import org.jspecify.annotations.Nullable;

/**
 * A network in sampling, with labels and classifier-free guidance (Ho and Salimans 2022, arXiv
 * 2207.12598, as {@code unlabelled + w (labelled − unlabelled)}): both predictions are made in one
 * forward pass of twice the batch.
 */
final class GuidedNetwork implements DenoisingNetwork {
  private final Predictor predictor;
  private final @Nullable NDArray labels;
  private final @Nullable NDArray noLabels;
  private final double guidance;

  /**
   * Binds labels.
   *
   * @param labels [N] int64; null if the network takes none
   * @param noLabels [N] int64, the label that means none; null for no guidance
   */
  GuidedNetwork(
      Predictor predictor, @Nullable NDArray labels, @Nullable NDArray noLabels, double guidance) {
    this.predictor = predictor;
    this.labels = labels;
    this.noLabels = noLabels;
    this.guidance = guidance;
  }

  @Override
  public NDArray predict(NDArray x, NDArray noiseCondition) {
    if (labels == null || noLabels == null) {
      return predictor.predict(x, noiseCondition, labels);
    }
    NDArray prediction;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      prediction = guided(x, noiseCondition, labels.concat(noLabels));
      NDScope.unregister(prediction);
    }
    NDScope.register(prediction);
    return prediction;
  }

  private NDArray guided(NDArray x, NDArray condition, NDArray bothLabels) {
    NDList both = predictor.predict(x.concat(x), condition.concat(condition), bothLabels).split(2);
    NDArray unlabelled = both.get(1);
    return unlabelled.add(both.get(0).sub(unlabelled).mul(guidance));
  }
}
