package io.github.diffusionhost.engine.step;

/**
 * The code of a plugin no longer does what was compiled of it: it depends on more than is given.
 */
public final class FrozenStepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what has changed. */
  public FrozenStepException(String message) {
    super(message);
  }
}
