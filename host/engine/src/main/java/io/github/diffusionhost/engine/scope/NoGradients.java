package io.github.diffusionhost.engine.scope;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Code whose operations are not noted for a backward pass.
 *
 * <p>Whether they are is a setting of each thread in PyTorch, and on. DJL switches it off on the
 * one thread that loads the engine. On any other, reading a weight begins a graph that keeps every
 * array of it, and writing one fails: "a view of a leaf Variable that requires grad …".
 */
public final class NoGradients {
  private NoGradients() {}

  /** What is run. */
  @FunctionalInterface
  public interface Code<T, E extends Exception> {
    /** Runs it. */
    T run() throws E;
  }

  /** Runs code without gradients; afterwards the thread is as it was. */
  public static <T, E extends Exception> T in(Code<T, E> code) throws E {
    boolean before = off();
    try {
      return code.run();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Switches them off on this thread, and returns whether they were on. */
  static boolean off() {
    Engine.getEngine("PyTorch"); // loads the native code
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    return before;
  }
}
