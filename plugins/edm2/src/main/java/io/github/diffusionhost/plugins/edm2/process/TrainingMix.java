package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;

/**
 * What {@link Preconditioning#at} says, for the images of a batch.
 *
 * @param seen what the network sees, [N,C,H,W]
 * @param target what it is asked for, [N,C,H,W]
 */
record TrainingMix(NDArray seen, NDArray target) {
  /**
   * Mixes images and noise.
   *
   * @param images [N,C,H,W]
   * @param noise unit normal [N,C,H,W]
   * @param sigma [N]
   */
  static TrainingMix of(NDArray images, NDArray noise, NDArray sigma, double sigmaData) {
    NDArray s = sigma.reshape(-1, 1, 1, 1);
    NDArray r = s.square().add(sigmaData * sigmaData).sqrt();
    NDArray seen = images.add(noise.mul(s)).div(r);
    NDArray target = images.mul(s.div(sigmaData)).sub(noise.mul(sigmaData)).div(r);
    return new TrainingMix(seen, target);
  }
}
