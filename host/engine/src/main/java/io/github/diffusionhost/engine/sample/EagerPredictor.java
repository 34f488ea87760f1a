package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.train.Network;
import io.github.diffusionhost.engine.train.Weights;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operation by operation. */
final class EagerPredictor implements Predictor {
  private static final long GUESS = 16L << 20;

  private final Network network;
  private @Nullable Forward pass;

  EagerPredictor(Network network) {
    this.network = network;
  }

  @Override
  public void use(Weights weights, Noise noise) {
    pass = Forward.of(weights.store(), false, noise);
  }

  @Override
  public NDArray predict(NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    NDArray prediction;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      prediction =
          network.predict(
              Objects.requireNonNull(pass, "call use first"), x, noiseCondition, labels);
      NDScope.unregister(prediction);
    }
    NDScope.register(prediction);
    return prediction;
  }

  /** A guess: what 64 images of a small network need is there on every machine. */
  @Override
  public long bytesPerImage() {
    return GUESS;
  }

  @Override
  public void close() {}
}
