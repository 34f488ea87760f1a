package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/**
 * Changes weights by their gradients, in place. State is kept per weight, in arrays beside it.
 *
 * <p>Follows PyTorch's optimizers of the same names.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * One update of one weight, which also sets its gradient to zero.
   *
   * @param name the weight's name
   * @param gradient its gradient
   * @param scale multiplies the gradient first: clipping
   * @param lr the learning rate of this step
   * @param update the number of the update, from 1
   */
  void update(String name, NDArray weight, NDArray gradient, double scale, double lr, long update);

  /** The first state array of each weight: its first moment or momentum; empty if there is none. */
  List<NDArray> first(List<String> weights);

  /** The second state array of each weight: its second moment; empty if there is none. */
  List<NDArray> second(List<String> weights);

  /** The state by name, for checkpoints: the arrays that {@link #update} changes. */
  Map<String, NDArray> state();

  @Override
  void close();

  /** Makes the optimizer that the options name, with state zero for every weight. */
  static Optimizer of(OptimizerOptions options, Map<String, NDArray> weights) {
    return switch (options.use()) {
      case SGD -> new Sgd(options, weights);
      case ADAM, ADAMW -> new Adam(options, weights);
    };
  }
}
