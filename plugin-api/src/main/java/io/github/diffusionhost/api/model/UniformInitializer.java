package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.noise.Noise;

/**
 * Initial weights uniform in [-bound, bound) from a {@link Noise}, the same on every device.
 * PyTorch's default for linear and convolution layers is {@code bound = 1/sqrt(fan in)}.
 *
 * @param noise the draws, usually {@link ModelContext#noise()}
 * @param bound the largest absolute value
 */
public record UniformInitializer(Noise noise, double bound) implements Initializer {
  @Override
  public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
    NDArray values = noise.uniform(shape).muli(2 * bound).subi(bound).toType(dataType, false);
    values.attach(manager);
    return values;
  }
}
