package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.UniformInitializer;
import io.github.diffusionhost.api.noise.Noise;

/**
 * Layers with PyTorch's initial weights and biases: uniform within 1/sqrt(fan in).
 *
 * @param noise the draws of the initial weights
 */
record Layers(Noise noise) {
  /** A linear layer with a bias, [..., in] to [..., out]. */
  Linear linear(int in, int out) {
    return uniform(Linear.builder().setUnits(out).build(), in);
  }

  /** A convolution with a bias, [N,in,H,W] to [N,out,·,·]. */
  Conv2d convolution(int in, int out, int kernel, int stride, int padding) {
    Conv2d layer =
        Conv2d.builder()
            .setKernelShape(new Shape(kernel, kernel))
            .setFilters(out)
            .optStride(new Shape(stride, stride))
            .optPadding(new Shape(padding, padding))
            .build();
    return uniform(layer, (long) in * kernel * kernel);
  }

  /** The shape that a convolution is told of, whose pixels do not matter. */
  static Shape images(int channels) {
    return new Shape(1, channels, 8, 8);
  }

  private <B extends Block> B uniform(B layer, long fanIn) {
    UniformInitializer initializer = new UniformInitializer(noise, 1 / Math.sqrt(fanIn));
    layer.setInitializer(initializer, Parameter.Type.WEIGHT);
    layer.setInitializer(initializer, Parameter.Type.BIAS);
    return layer;
  }
}
