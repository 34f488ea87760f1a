package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.metric.NetworkPrediction;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.contract.CheckedLevels;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.Execution;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Predictions of a network with the weights that {@link #use} gave last. */
public final class LevelPredictor implements NetworkPrediction, AutoCloseable {
  private final Network network;
  private final Predictor predictor;

  /**
   * A predictor.
   *
   * @param execution how it runs
   */
  public LevelPredictor(Network network, ImageSpec images, Execution execution) {
    this.network = network;
    this.predictor =
        Predictors.of(
            network,
            Inference.prediction(network),
            images.shape(),
            images.classes() > 0,
            execution);
  }

  /**
   * Uses these weights, as they are now, from here on. To be called before the first prediction.
   *
   * @param noise the draws of a network that draws while it computes
   */
  public void use(Weights weights, Noise noise) {
    predictor.use(weights, noise);
  }

  @Override
  public NDArray of(NDArray seen, double level, @Nullable NDArray labels) {
    Shape count = new Shape(seen.getShape().get(0));
    float told = (float) new CheckedLevels(network.scheduler()).conditionAt(level);
    try (NDArray condition = seen.getManager().full(count, told)) {
      return predictor.predict(seen, condition, labels);
    }
  }

  @Override
  public String precision() {
    return predictor.precision().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    predictor.close();
  }
}
