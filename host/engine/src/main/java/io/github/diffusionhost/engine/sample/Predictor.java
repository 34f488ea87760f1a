package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import org.jspecify.annotations.Nullable;

/**
 * What a network that is not being trained computes: predictions, or features. For one thread at a
 * time.
 */
interface Predictor extends AutoCloseable {
  /**
   * Uses these from here on.
   *
   * @param weights as they are now
   * @param noise the draws of a network that draws while it computes
   */
  void use(Weights weights, Noise noise);

  /**
   * Computes; arguments as in {@link io.github.diffusionhost.api.model.Denoiser#predict}.
   *
   * @return what the network's inference returns, float32, in the caller's scope
   */
  NDList compute(NDArray x, NDArray noiseCondition, @Nullable NDArray labels);

  /** The only array that {@link #compute} returns: the prediction [N,C,H,W]. */
  default NDArray predict(NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    return compute(x, noiseCondition, labels).singletonOrThrow();
  }

  /** About how much memory it takes for each image, in bytes. */
  long bytesPerImage();

  /** The arithmetic that it computes in. */
  Precision precision();

  @Override
  void close();
}
