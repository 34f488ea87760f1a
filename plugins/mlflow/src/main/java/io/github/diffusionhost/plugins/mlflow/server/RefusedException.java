package io.github.diffusionhost.plugins.mlflow.server;

/** A server's no: asking again would not help. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The server's word for what is not there, in an answer's {@code error_code}. */
  static final String NOT_THERE = "RESOURCE_DOES_NOT_EXIST";

  private final String code;

  public RefusedException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** Whether the thing that was asked for is not there. */
  boolean notThere() {
    return code.equals(NOT_THERE);
  }
}
