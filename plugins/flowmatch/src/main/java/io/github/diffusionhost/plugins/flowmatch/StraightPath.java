package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;

/**
 * The straight path from an image x0 (σ = 0) to noise eps (σ = 1), and the velocity along it, which
 * the network learns.
 *
 * <p>Liu et al. 2022, arXiv 2209.03003; Lipman et al. 2022, arXiv 2210.02747.
 */
public final class StraightPath {
  private StraightPath() {}

  /**
   * {@code x_σ = (1 − σ)·x0 + σ·eps}.
   *
   * @param images x0 [N,C,H,W]
   * @param noise eps [N,C,H,W]
   * @param sigma [N]
   */
  public static NDArray at(NDArray images, NDArray noise, NDArray sigma) {
    NDArray level = sigma.reshape(-1, 1, 1, 1);
    return images.mul(level.neg().add(1)).add(noise.mul(level));
  }

  /** {@code dx/dσ = eps − x0}, [N,C,H,W]. */
  public static NDArray velocity(NDArray images, NDArray noise) {
    return noise.sub(images);
  }
}
