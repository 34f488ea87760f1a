package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.scheduler.Sampling;
import java.util.function.UnaryOperator;

/**
 * The state of a sampler from step to step. What a step makes beside its result is closed when the
 * step ends, and so is the state before it.
 */
final class SamplingChain {
  private final NDArray noise;
  private final Sampling.Listener listener;
  private NDArray state;
  private int steps;

  /**
   * A chain that has taken no step.
   *
   * @param noise unit normal [N,C,H,W]; never closed or changed
   * @param scale what the noise is multiplied with
   */
  SamplingChain(NDArray noise, double scale, Sampling sampling) {
    this.noise = noise;
    this.listener = sampling.listener();
    this.state = scale == 1 ? noise : noise.mul(scale);
  }

  NDArray state() {
    return state;
  }

  /** Takes a step, and tells the listener. */
  void step(UnaryOperator<NDArray> body) {
    NDArray next;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      next = body.apply(state);
      NDScope.unregister(next);
    }
    if (next != state) {
      NDScope.register(next);
      if (state != noise) {
        state.close();
      }
    }
    state = next;
    steps++;
    listener.step(steps, state);
  }
}
