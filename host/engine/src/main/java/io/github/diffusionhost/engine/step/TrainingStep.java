package io.github.diffusionhost.engine.step;

import org.jspecify.annotations.Nullable;

/**
 * Optimizer steps: batch, forward and backward for each micro-batch, clipping, update, running
 * averages. For one thread at a time.
 */
public interface TrainingStep extends AutoCloseable {
  /**
   * Takes a step. If the loss or a gradient is not finite, no weight is changed from then on.
   *
   * @param number from 0; the batch and the draws follow from it
   * @param lr the learning rate
   * @throws DivergedException if the loss or a gradient is seen not to be finite; a compiled step
   *     sees it when it is asked for its {@link #sums()}
   */
  void run(long number, double lr);

  /**
   * What the steps since {@link #restart} add up to.
   *
   * @throws DivergedException if the loss or a gradient of one of them was not finite
   */
  StepSums sums();

  /**
   * Whether weights, averages and optimizer are those that a whole number of steps has left: false
   * only while a step changes them, and for good after a failure in the middle of that. Plugins'
   * code runs before a step changes anything.
   */
  boolean intact();

  /** Goes on adding from here; levels of another number of bins count as none. */
  void restart(StepSums from);

  /**
   * How many images a second go forward and backward; no weight and no gradient is left changed.
   *
   * @param images how many to try with, twice, of which the second time counts
   */
  double imagesPerSecond(int images);

  /**
   * Looks whether the code of model, scheduler and dataset still does what the step does. Changes
   * nothing; takes about as long as a small step.
   *
   * @param number of a step, whose batch the two are compared on
   * @return what differs, in words; null if nothing does, as of a step that runs that code itself
   */
  default @Nullable String difference(long number) {
    return null;
  }

  @Override
  void close();
}
