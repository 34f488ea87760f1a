package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operation by operation. */
final class EagerPredictor implements Predictor {
  private static final long GUESS = 16L << 20;

  private final Inference inference;
  private @Nullable Forward pass;

  EagerPredictor(Inference inference) {
    this.inference = inference;
  }

  @Override
  public void use(Weights weights, Noise noise) {
    pass = Forward.of(weights.store(), false, noise);
  }

  @Override
  public NDList compute(NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    NDList outputs;
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      Forward now = Objects.requireNonNull(pass, "call use first");
      outputs = inference.run(now, x, noiseCondition, labels);
      NDScope.unregister(outputs);
    }
    outputs.forEach(NDScope::register);
    return outputs;
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  /** A guess: what 64 images of a small network need is there on every machine. */
  @Override
  public long bytesPerImage() {
    return GUESS;
  }

  @Override
  public void close() {}
}
