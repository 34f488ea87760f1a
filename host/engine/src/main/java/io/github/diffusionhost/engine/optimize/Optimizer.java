package io.github.diffusionhost.engine.optimize;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * A rule that changes weights by their gradients: what it keeps of each weight, its update of one
 * weight, and the same update of all weights as lines of a compiled step. A value, made of a
 * config's {@link OptimizerOptions}; a {@link OptimizerState} holds the arrays.
 *
 * <p>Those that there are follow PyTorch's optimizers of the same names. Another one is a file, and
 * a row of {@link OptimizerOptions#optimizer}.
 */
public interface Optimizer {
  /**
   * The names of what is kept of each weight, as PyTorch calls it: arrays of the weight's shape,
   * zero before the first update. At most two.
   */
  List<String> moments();

  /**
   * One update of one weight, in place, which also sets its gradient to zero.
   *
   * @param gradient of the weight
   * @param moments its arrays, changed as well, as {@link #moments()} names them
   */
  void update(NDArray weight, NDArray gradient, List<NDArray> moments, Update update);

  /**
   * The update of all weights as TorchScript. It finds {@code self.trained}, {@code g}, {@code
   * self.first} and {@code self.second}, which are lists of the weights, their gradients and their
   * moments; {@code lr} and {@code device}; {@code clip}, by which it divides the gradients first;
   * and {@code bad}: if that is 1 it changes nothing.
   *
   * @param count how many weights there are
   * @param number what gives the number of the update as a float, from 1
   */
  List<String> lines(int count, String number);

  /**
   * What an update has from its step.
   *
   * @param scale multiplies the gradient first: clipping
   * @param lr the learning rate
   * @param number of the update, from 1
   */
  record Update(double scale, double lr, long number) {}
}
