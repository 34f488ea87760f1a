package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.scheduler.Sampling;
import java.util.function.UnaryOperator;

/**
 * The state of a sampler from step to step. What a step makes beside its result is closed when the
 * step ends, and so is the state before it.
 */
final class SamplingChain {
  private final Sampling.Listener listener;
  private NDArray state;
  private int steps;

  /** A chain that has taken no step, and owns the state that it starts from. */
  SamplingChain(NDArray start, Sampling.Listener listener) {
    this.state = start;
    this.listener = listener;
  }

  NDArray state() {
    return state;
  }

  /** Takes a step, which makes a new array, and tells the listener. */
  void step(UnaryOperator<NDArray> body) {
    NDArray next;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      next = body.apply(state);
      NDScope.unregister(next);
    }
    NDScope.register(next);
    state.close();
    state = next;
    steps++;
    listener.step(steps, state);
  }
}
