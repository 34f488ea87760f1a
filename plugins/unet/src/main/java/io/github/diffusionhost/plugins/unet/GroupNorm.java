package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** Group norm with a scale and a shift for each channel. */
final class GroupNorm extends CompositeBlock {
  private final int groups;
  private final float eps;
  private final Parameter weight;
  private final Parameter bias;

  GroupNorm(int channels, UnetOptions options) {
    groups = options.normGroups();
    eps = (float) options.normEps();
    Shape shape = new Shape(channels);
    weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, shape);
    bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, shape);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    return new NDList(Ops.groupNorm(x, groups, pass.value(weight, x), pass.value(bias, x), eps));
  }
}
