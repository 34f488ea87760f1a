package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;

/** One call of the network by a sampler. */
final class Evaluation {
  private Evaluation() {}

  /** The network's output, every image of {@code x} [N,C,H,W] at the same timestep. */
  static NDArray of(DenoisingNetwork network, NDArray x, double timestep) {
    Shape images = new Shape(x.getShape().get(0));
    return network.predict(x, x.getManager().full(images, (float) timestep, DataType.FLOAT32));
  }
}
