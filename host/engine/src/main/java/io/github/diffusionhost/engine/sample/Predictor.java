package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.train.Weights;
import org.jspecify.annotations.Nullable;

/** Predictions of a network that is not being trained. For one thread. */
interface Predictor extends AutoCloseable {
  /** Uses these weights, as they are now, from here on. */
  void use(Weights weights);

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
