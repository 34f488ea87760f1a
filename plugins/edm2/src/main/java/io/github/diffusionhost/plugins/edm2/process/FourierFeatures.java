package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NormalInitializer;
import io.github.diffusionhost.api.noise.Noise;


/**
 * Random Fourier features {@code cos(2π(c·f + φ))} of a noise condition, f normal and φ uniform,
 * drawn once and never trained. [N] to [N,{@value #COUNT}].
 */
final class FourierFeatures extends CompositeBlock {
  /** How many there are. */
  static final int COUNT = 256;

  private final Parameter frequencies;
  private final Parameter phases;

  FourierFeatures(Noise noise) {
    Shape shape = new Shape(COUNT);
    frequencies = constant("frequencies", new NormalInitializer(noise, 1), shape);
    phases = constant("phases", uniform(noise), shape);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray c = inputs.singletonOrThrow();
    NDArray turns =
        c.reshape(-1, 1)
            .mul(pass.value(frequencies, c).reshape(1, COUNT))
            .add(pass.value(phases, c).reshape(1, COUNT));
    return new NDList(turns.mul(2 * Math.PI).cos());
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return new Shape[] {shapes[0].add(COUNT)};
  }

  private static Initializer uniform(Noise noise) {
    return (manager, shape, type) -> {
      NDArray values = noise.uniform(shape).toType(type, false);
      values.attach(manager);
      return values;
    };
  }
}
