package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** RMS norm over the values of a head, with a weight. */
final class RmsScale extends CompositeBlock {
  /** The float32 machine epsilon, torch's default for RMSNorm. */
  static final float EPS = 0x1p-23f;

  private final Parameter weight;

  RmsScale(int size) {
    weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, new Shape(size));
  }

  /** The weight, [headSize]. */
  NDArray weight(Forward pass, NDArray like) {
    return pass.value(weight, like);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    return new NDList(Ops.rmsNorm(x, weight(pass, x), EPS));
  }
}
