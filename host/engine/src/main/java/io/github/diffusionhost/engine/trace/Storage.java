package io.github.diffusionhost.engine.trace;

/** The memory that an array and its views share: changes in place make the other views stale. */
final class Storage {
  private final boolean fixed;
  private int writes;

  private Storage(boolean fixed) {
    this.fixed = fixed;
  }

  /** Memory of the recording's own. */
  static Storage fresh() {
    return new Storage(false);
  }

  /** Memory of an input or a constant, which may not be changed. */
  static Storage fixed() {
    return new Storage(true);
  }

  int writes() {
    return writes;
  }

  /** Notes a change in place and returns the new count. */
  int write(String method) {
    if (fixed) {
      throw new NotTraceableException(method + " changes an input or a parameter in place");
    }
    return ++writes;
  }
}
