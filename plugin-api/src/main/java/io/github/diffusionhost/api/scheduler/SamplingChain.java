package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.function.UnaryOperator;

/**
 * The state of a sampler from step to step. What a step makes beside its result is closed when the
 * step ends, and so is the state before it, unless it is the caller's.
 */
public final class SamplingChain {
  private final Sampling.Listener listener;
  private NDArray state;
  private boolean owned;
  private int steps;

  private SamplingChain(NDArray state, boolean owned, Sampling sampling) {
    this.state = state;
    this.owned = owned;
    this.listener = sampling.listener();
  }

  /**
   * A chain that starts from noise.
   *
   * @param noise unit normal [N,C,H,W]; never closed or changed
   * @param scale what the noise is multiplied with
   */
  public static SamplingChain of(NDArray noise, double scale, Sampling sampling) {
    return scale == 1
        ? new SamplingChain(noise, false, sampling)
        : owning(noise.mul(scale), sampling);
  }

  /** A chain that owns the state [N,C,H,W] that it starts from. */
  public static SamplingChain owning(NDArray start, Sampling sampling) {
    return new SamplingChain(start, true, sampling);
  }

  /** The state [N,C,H,W] after the last step; the caller's once no step follows. */
  public NDArray state() {
    return state;
  }

  /**
   * Takes a step, and tells the listener.
   *
   * @param body makes the next state of the present one, which it may also return as it is
   */
  public void step(UnaryOperator<NDArray> body) {
    NDArray next = ArrayScope.keeping(() -> body.apply(state));
    if (next != state) {
      NDScope.register(next);
      if (owned) {
        state.close();
      }
      owned = true;
    }
    state = next;
    steps++;
    listener.step(steps, state);
  }
}
