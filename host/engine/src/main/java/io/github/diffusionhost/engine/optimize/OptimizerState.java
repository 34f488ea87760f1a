package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What an optimizer keeps of some weights, in arrays beside them. */
public final class OptimizerState implements AutoCloseable {
  private final Optimizer optimizer;
  private final Map<String, NDArray> arrays = new LinkedHashMap<>();

  /** Zero for every weight. */
  public OptimizerState(Optimizer optimizer, Map<String, NDArray> weights) {
    this.optimizer = optimizer;
    weights.forEach(
        (name, weight) ->
            optimizer
                .moments()
                .forEach(moment -> arrays.put(key(moment, name), weight.zerosLike())));
  }

  /** The state, zero for every weight, of the optimizer that the options name. */
  public static OptimizerState of(OptimizerOptions options, Map<String, NDArray> weights) {
    return new OptimizerState(options.optimizer(), weights);
  }

  /** Whose it is. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Updates one weight, and sets its gradient to zero.
   *
   * @param name the weight's name
   */
  public void update(String name, NDArray weight, NDArray gradient, Optimizer.Update update) {
    List<NDArray> moments =
        optimizer.moments().stream().map(moment -> array(moment, name)).toList();
    optimizer.update(weight, gradient, moments, update);
  }

  /**
   * One array of each of some weights.
   *
   * @param index its place in {@link Optimizer#moments()}
   * @return the arrays in the order of the names; empty if the optimizer keeps fewer
   */
  public List<NDArray> moment(int index, List<String> weights) {
    List<String> moments = optimizer.moments();
    return index < moments.size()
        ? weights.stream().map(name -> array(moments.get(index), name)).toList()
        : List.of();
  }

  /** All arrays by name, for checkpoints. */
  public Map<String, NDArray> arrays() {
    return arrays;
  }

  @Override
  public void close() {
    arrays.values().forEach(NDArray::close);
  }

  private NDArray array(String moment, String weight) {
    return Objects.requireNonNull(arrays.get(key(moment, weight)), weight);
  }

  private static String key(String moment, String weight) {
    return moment + "." + weight;
  }
}
