package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;

/**
 * A network of one convolution and a bend by the noise condition, to try noise processes with.
 *
 * @param weight [C,C,3,3]
 */
record TinyNetwork(NDArray weight) implements DenoisingNetwork {
  static TinyNetwork of(NDManager manager, int channels) {
    Shape shape = new Shape(channels, channels, 3, 3);
    return new TinyNetwork(new SeededNoise(manager, 21).normal(shape).mul(0.2));
  }

  @Override
  public NDArray predict(NDArray x, NDArray noiseCondition) {
    Shape one = new Shape(1, 1);
    NDArray seen = Conv2d.conv2d(x, weight, null, one, one, one).singletonOrThrow().tanh();
    NDArray scale = noiseCondition.abs().div(1000).reshape(-1, 1, 1, 1).tanh().add(0.5);
    return seen.mul(scale);
  }
}
