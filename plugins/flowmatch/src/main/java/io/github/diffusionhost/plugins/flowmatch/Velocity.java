package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;

/** What the samplers do with the network's velocity. */
final class Velocity {
  private Velocity() {}

  /** {@code v(x, σ)}, every image of {@code x} [N,C,H,W] at the same σ. */
  static NDArray of(DenoisingNetwork network, NDArray x, double sigma) {
    float condition = (float) (SigmaSchedule.TRAINING_LEVELS * sigma);
    try (NDArray conditions =
        x.getManager().full(new Shape(x.getShape().get(0)), condition, DataType.FLOAT32)) {
      return network.predict(x, conditions);
    }
  }

  /** {@code x + step·v}. */
  static NDArray move(NDArray x, NDArray v, double step) {
    try (NDArray change = v.mul(step)) {
      return x.add(change);
    }
  }
}
