package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.noise.Noise;

/** A convolution that keeps the resolution: [N,in,H,W] to [N,out,H,W]. */
final class Convolution extends WeightLayer {
  private static final Shape ONE = new Shape(1, 1);

  private final Shape padding;

  /**
   * A convolution.
   *
   * @param kernel odd
   */
  Convolution(NetworkConfig config, Noise noise, int in, int out, int kernel) {
    super(config, noise, new Shape(out, in, kernel, kernel));
    padding = new Shape(kernel / 2, kernel / 2);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    return Conv2d.conv2d(x, weights(pass, x), null, ONE, padding, ONE);
  }
}
