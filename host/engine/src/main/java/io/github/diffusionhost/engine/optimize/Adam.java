package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2014, arXiv 1412.6980) and AdamW (Loshchilov and Hutter 2017, arXiv
 * 1711.05101).
 */
final class Adam implements Optimizer {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final OptimizerOptions options;
  private final Map<String, NDArray> state = new LinkedHashMap<>();

  Adam(OptimizerOptions options, Map<String, NDArray> weights) {
    this.options = options;
    weights.forEach(
        (name, weight) -> {
          state.put(FIRST + name, weight.zerosLike());
          state.put(SECOND + name, weight.zerosLike());
        });
  }

  @Override
  public void update(
      String name, NDArray weight, NDArray gradient, double scale, double lr, long update) {
    double correction1 = 1 - Math.pow(options.betas().get(0), update);
    double correction2 = Math.sqrt(1 - Math.pow(options.betas().get(1), update));
    // DJL's update divides by sqrt(v) + eps where PyTorch divides by sqrt(v)/correction2 + eps:
    // the same once eps is multiplied by correction2.
    weight
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(weight, gradient, state.get(FIRST + name), state.get(SECOND + name)),
            new NDList(weight),
            (float) lr,
            (float) (lr * correction2 / correction1),
            (float) options.weightDecay(),
            (float) scale,
            -1f,
            options.betas().get(0).floatValue(),
            options.betas().get(1).floatValue(),
            (float) (options.eps() * correction2),
            false,
            options.use() == OptimizerOptions.Kind.ADAMW);
  }

  @Override
  public List<NDArray> first(List<String> weights) {
    return weights.stream().map(name -> state.get(FIRST + name)).toList();
  }

  @Override
  public List<NDArray> second(List<String> weights) {
    return weights.stream().map(name -> state.get(SECOND + name)).toList();
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
