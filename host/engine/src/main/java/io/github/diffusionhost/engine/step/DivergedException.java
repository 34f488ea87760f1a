package io.github.diffusionhost.engine.step;

/** The loss or a gradient is not a finite number; no weight was changed by it. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /**
   * Says what is not finite.
   *
   * @param step the number of the step, from 0
   * @param what the loss, or the name of the first tensor whose gradient is not finite
   */
  public DivergedException(long step, String what) {
    super(what);
    this.step = step;
  }

  /** The number of the step, from 0. */
  public long step() {
    return step;
  }
}
