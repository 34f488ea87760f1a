package io.github.diffusionhost.engine.train;

/** The loss or a gradient is not a finite number; nothing was changed by this step. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is not finite.
   *
   * @param what the loss, or the name of the first tensor whose gradient is not finite
   */
  public DivergedException(String what) {
    super(what);
  }
}
