package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NormalInitializer;
import io.github.diffusionhost.api.model.UniformInitializer;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.plugins.edm2.WeightNorm;

/** A layer without a bias. In configs E and G it computes with rows of length 1. */
abstract class WeightLayer extends CompositeBlock {
  private final boolean normalized;
  private final Parameter weight;

  /**
   * A layer with PyTorch's initial weights, or N(0, 1) if they are normalised.
   *
   * @param shape [out, ...]
   */
  WeightLayer(NetworkConfig config, Noise noise, Shape shape) {
    normalized = config.normalizedWeights();
    long fanIn = shape.size() / shape.get(0);
    weight =
        parameter(
            "weight",
            Parameter.Type.WEIGHT,
            normalized
                ? new NormalInitializer(noise, 1)
                : new UniformInitializer(noise, 1 / Math.sqrt(fanIn)),
            shape);
  }

  /** The layer's parameter. */
  final Parameter weight() {
    return weight;
  }

  /** What the layer computes with. */
  final NDArray weights(Forward pass, NDArray like) {
    NDArray value = pass.value(weight, like);
    return normalized ? WeightNorm.unitRows(value) : value;
  }
}
