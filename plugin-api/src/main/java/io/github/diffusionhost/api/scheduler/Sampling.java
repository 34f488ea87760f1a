package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;

/**
 * One call of a sampler.
 *
 * @param steps how many steps to take; at least 1
 * @param noise draws for stochastic samplers
 * @param listener told after every step
 */
public record Sampling(int steps, Noise noise, Listener listener) {
  /** Checks the number of steps. */
  public Sampling {
    if (steps < 1) {
      throw new IllegalArgumentException("sampling needs at least 1 step, not " + steps);
    }
  }

  /** Follows a sampler. */
  @FunctionalInterface
  public interface Listener {
    /** Does nothing. */
    Listener NONE = (step, state) -> {};

    /**
     * Called after every step, on the sampling thread.
     *
     * @param step the steps done, from 1
     * @param state the sampler's state [N,C,H,W]; valid during the call
     */
    void step(int step, NDArray state);
  }
}
