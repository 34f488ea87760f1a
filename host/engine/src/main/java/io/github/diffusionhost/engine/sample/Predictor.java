package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.train.Weights;
import org.jspecify.annotations.Nullable;

/** Predictions of a network that is not being trained. For one thread. */
interface Predictor extends AutoCloseable {
  /**
   * Uses these from here on.
   *
   * @param weights as they are now
   * @param noise the draws of a network that draws while it predicts
   */
  void use(Weights weights, Noise noise);

  /**
   * Predicts; arguments as in {@link io.github.diffusionhost.api.model.Denoiser#predict}.
   *
   * @return [N,C,H,W] float32, in the caller's scope
   */
  NDArray predict(NDArray x, NDArray noiseCondition, @Nullable NDArray labels);

  /** About how much memory a prediction takes for each image, in bytes. */
  long bytesPerImage();

  @Override
  void close();
}
