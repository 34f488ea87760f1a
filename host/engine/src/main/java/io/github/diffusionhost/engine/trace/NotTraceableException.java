package io.github.diffusionhost.engine.trace;

/** A network or a loss does something that cannot be recorded; the message names it. */
public final class NotTraceableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what. */
  public NotTraceableException(String what) {
    super(what);
  }
}
