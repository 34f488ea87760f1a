package io.github.diffusionhost.plugins.ddpm.process;

import ai.djl.ndarray.NDArray;

/** What noise does to images: Ho et al. 2020, arXiv 2006.11239, equation 4. */
public final class ForwardProcess {
  private ForwardProcess() {}

  /**
   * {@code x_t = √ᾱ_t·x0 + √(1−ᾱ_t)·eps}.
   *
   * @param images x0 [N,C,H,W]
   * @param noise eps [N,C,H,W]
   * @param signal √ᾱ_t [N,1,1,1]
   * @param noiseShare √(1−ᾱ_t) [N,1,1,1]
   */
  public static NDArray at(NDArray images, NDArray noise, NDArray signal, NDArray noiseShare) {
    return images.mul(signal).add(noise.mul(noiseShare));
  }
}
