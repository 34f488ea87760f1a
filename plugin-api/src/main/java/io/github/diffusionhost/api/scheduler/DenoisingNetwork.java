package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;

/** A network with its labels, and in sampling its guidance, bound to it. */
@FunctionalInterface
public interface DenoisingNetwork {
  /**
   * Predicts.
   *
   * @param x noisy images [N,C,H,W] float32
   * @param noiseCondition [N] float32
   * @return [N,C,H,W] float32
   */
  NDArray predict(NDArray x, NDArray noiseCondition);
}
