package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.network.Weights;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What is measured of the weights during a training. Called on its thread.
 *
 * <p>Whether a step is measured follows from the step alone, so that a run that was cut off after
 * its checkpoint and before its measurement makes up for it.
 */
public interface Evaluations {
  /** Nothing is measured. */
  Evaluations NONE =
      new Evaluations() {
        @Override
        public void restart(long done) {}

        @Override
        public boolean due(long step) {
          return false;
        }

        @Override
        public Map<String, Double> measure(long step, Weights weights) {
          return Map.of();
        }

        @Override
        public List<Long> ranking() {
          return List.of();
        }
      };

  /**
   * Before the first step: what was measured of later steps is forgotten, as they are trained anew.
   *
   * @param done steps done by the run that is resumed
   * @throws IOException if the files cannot be read or written
   */
  void restart(long done) throws IOException;

  /**
   * What was measured and kept, as {@link #measure} returned it, by step; asked for after {@link
   * #restart}.
   */
  default Map<Long, Map<String, Double>> found() {
    return Map.of();
  }

  /** Whether something is to be measured after a step. A checkpoint is written first. */
  boolean due(long step);

  /**
   * Measures what is due after a step and has not been measured before.
   *
   * @param step whose checkpoint is written
   * @param weights those that the run samples from
   * @return the numbers by name
   * @throws IOException if the numbers cannot be kept
   * @throws InterruptedException if somebody asked to stop; nothing of it is kept
   */
  Map<String, Double> measure(long step, Weights weights) throws IOException, InterruptedException;

  /** The steps that were measured, from the best one; empty if nothing says what is better. */
  List<Long> ranking();
}
