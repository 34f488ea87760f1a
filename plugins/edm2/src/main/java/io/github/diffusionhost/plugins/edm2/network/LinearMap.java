package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.noise.Noise;

/** A linear layer without a bias: [N,in] to [N,out]. */
final class LinearMap extends WeightLayer {
  LinearMap(NetworkConfig config, Noise noise, int in, int out) {
    super(config, noise, new Shape(out, in));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    return Linear.linear(x, weights(pass, x));
  }
}
