package io.github.diffusionhost.plugins.edm2;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NormalInitializer;
import io.github.diffusionhost.api.model.UniformInitializer;
import io.github.diffusionhost.api.noise.Noise;

/**
 * Random Fourier features of a number: {@code cos(2π (f·c + φ))} with frequencies N(0, 1) and
 * phases uniform in [0, 1) that are drawn once and kept. [N] to [N, size].
 *
 * <p>Karras et al. 2023, arXiv 2312.02696, equation 75, which also scales by √2.
 */
public final class FourierFeatures extends CompositeBlock {
  private final double scale;
  private final Parameter frequencies;
  private final Parameter phases;

  /**
   * Features.
   *
   * @param scale what the cosines are multiplied with: √2 gives them a mean square of 1
   * @param noise the draws of frequencies and phases
   */
  public FourierFeatures(int size, double scale, Noise noise) {
    this.scale = scale;
    frequencies = constant("frequencies", new NormalInitializer(noise, 1), new Shape(size));
    // Uniform in [-1/2, 1/2) is uniform in [0, 1) to a cosine.
    phases = constant("phases", new UniformInitializer(noise, 0.5), new Shape(size));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray c = inputs.singletonOrThrow();
    NDArray turns = c.reshape(-1, 1).mul(pass.value(frequencies, c)).add(pass.value(phases, c));
    NDArray cosines = turns.mul(2 * Math.PI).cos();
    return new NDList(scale == 1 ? cosines : cosines.mul(scale));
  }
}
