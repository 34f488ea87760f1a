package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDList;
import ai.djl.nn.convolutional.Conv2d;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** [N,C,H,W] to [N,C,2H,2W]: every pixel four times, then a convolution. */
final class DoubleResolution extends UnetBlock {
  private final Conv2d convolution;

  DoubleResolution(int channels, Layers layers) {
    super(layers);
    convolution = convolution("conv", channels, channels, 3);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(pass.apply(convolution, Ops.upsampleNearest(inputs.singletonOrThrow(), 2)));
  }
}
