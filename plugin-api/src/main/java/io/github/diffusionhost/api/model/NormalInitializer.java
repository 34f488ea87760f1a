package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.noise.Noise;

/**
 * Initial weights N(0, std²) from a {@link Noise}, the same on every device.
 *
 * @param noise the draws, usually {@link ModelContext#noise()}
 * @param std the standard deviation
 */
public record NormalInitializer(Noise noise, double std) implements Initializer {
  @Override
  public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
    NDArray values = noise.normal(shape).muli(std).toType(dataType, false);
    values.attach(manager);
    return values;
  }
}
