package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;

/** Turns noise into images with a trained network. */
@FunctionalInterface
public interface Sampler {
  /**
   * Samples.
   *
   * @param network the network, with labels and guidance bound to it
   * @param noise unit normal [N,C,H,W] float32; the sampler scales it as its process starts
   * @param sampling the number of steps, the draws of stochastic samplers, and where to report
   * @return images as the network sees pixels, [N,C,H,W] float32
   * @throws IllegalArgumentException as {@link #checkSteps} does
   */
  NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling);

  /**
   * Called before anything is sampled, and before a training that will sample, so that a mistake
   * shows at once.
   *
   * @throws IllegalArgumentException if the sampler cannot take so many steps; the message says why
   *     and how many it can take
   */
  default void checkSteps(int steps) {}
}
