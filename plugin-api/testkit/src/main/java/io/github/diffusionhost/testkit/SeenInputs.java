package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Scheduler;

/**
 * What a noise process gives the network for a training batch, always with the same draws.
 *
 * @param x the network's input [N,C,H,W]
 * @param levels [N]
 */
record SeenInputs(NDArray x, NDArray levels) {
  static SeenInputs of(Scheduler scheduler, NDArray images) {
    NDManager manager = images.getManager();
    Block trainable = scheduler.trainable();
    if (trainable != null && !trainable.isInitialized()) {
      trainable.initialize(manager, DataType.FLOAT32);
    }
    NDArray[] given = new NDArray[1];
    DenoisingNetwork network =
        (x, condition) -> {
          given[0] = x;
          return x.zerosLike();
        };
    Forward pass =
        Forward.of(new ParameterStore(manager, false), true, new SeededNoise(manager, 4));
    NDArray levels = scheduler.loss(network, images, pass).level();
    return new SeenInputs(given[0], levels);
  }

  /** The mean of each image, [N]. */
  NDArray means() {
    return x.reshape(x.getShape().get(0), -1).mean(new int[] {1});
  }

  /** The mean square of each image, [N]. */
  NDArray squares() {
    return x.square().reshape(x.getShape().get(0), -1).mean(new int[] {1});
  }
}
