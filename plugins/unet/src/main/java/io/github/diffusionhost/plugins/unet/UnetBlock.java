package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.CompositeBlock;

/** A part of the network that is made of linear layers and convolutions. */
abstract class UnetBlock extends CompositeBlock {
  private final Layers layers;

  UnetBlock(Layers layers) {
    this.layers = layers;
  }

  /** Adds a linear layer, [..., in] to [..., out]. */
  final Linear linear(String name, int in, int out) {
    return child(name, layers.linear(in, out), new Shape(1, in));
  }

  /** Adds a convolution that keeps the resolution; {@code kernel} is odd. */
  final Conv2d convolution(String name, int in, int out, int kernel) {
    return convolution(name, in, out, kernel, 1, kernel / 2);
  }

  /** Adds a convolution. */
  final Conv2d convolution(String name, int in, int out, int kernel, int stride, int padding) {
    return child(name, layers.convolution(in, out, kernel, stride, padding), Layers.images(in));
  }
}
