package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stochastic gradient descent with momentum, without dampening. */
final class Sgd implements Optimizer {
  private static final String MOMENTUM = "momentum_buffer.";

  private final OptimizerOptions options;
  private final Map<String, NDArray> state = new LinkedHashMap<>();

  Sgd(OptimizerOptions options, Map<String, NDArray> weights) {
    this.options = options;
    if (options.momentum() > 0) {
      weights.forEach((name, weight) -> state.put(MOMENTUM + name, weight.zerosLike()));
    }
  }

  @Override
  public void update(
      String name, NDArray weight, NDArray gradient, double scale, double lr, long update) {
    NDArray direction = gradient.mul(scale);
    if (options.weightDecay() > 0) {
      direction.addi(weight.mul(options.weightDecay()));
    }
    NDArray momentum = state.get(MOMENTUM + name);
    if (momentum != null) {
      direction = momentum.muli(options.momentum()).addi(direction);
    }
    weight.subi(direction.mul(lr));
    gradient.subi(gradient);
  }

  @Override
  public List<NDArray> first(List<String> weights) {
    return state.isEmpty()
        ? List.of()
        : weights.stream().map(name -> state.get(MOMENTUM + name)).toList();
  }

  @Override
  public List<NDArray> second(List<String> weights) {
    return List.of();
  }

  @Override
  public Map<String, NDArray> state() {
    return state;
  }

  @Override
  public void close() {
    state.values().forEach(NDArray::close);
  }
}
