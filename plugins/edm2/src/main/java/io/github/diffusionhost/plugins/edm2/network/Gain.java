package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;

/** A learned factor, the same for every element. */
final class Gain extends CompositeBlock {
  private final Parameter gain;

  Gain(Initializer initial) {
    gain = parameter("g", Parameter.Type.OTHER, initial, new Shape());
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    return new NDList(x.mul(pass.value(gain, x)));
  }
}
