package io.github.diffusionhost.engine.contract;

/** A plugin's code has returned what its contract does not allow. */
public final class WrongResultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Class<?> source;
  private final String call;

  /**
   * Says what was returned.
   *
   * @param source the class whose code has returned it
   * @param call the method that was called
   */
  WrongResultException(Class<?> source, String call, String message) {
    super(message);
    this.source = source;
    this.call = call;
  }

  /** The class whose code has returned it. */
  public Class<?> source() {
    return source;
  }

  /** The method that was called. */
  public String call() {
    return call;
  }
}
