package io.github.diffusionhost.api.arrays;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;

/**
 * Computations whose arrays are closed when they end, however they end; arrays that were there
 * before stay.
 *
 * <p>Scopes may lie in one another. What {@link #returning} returns belongs to the scope around it,
 * or if there is none to its manager, as every new array does.
 */
public final class ArrayScope {
  private ArrayScope() {}

  /**
   * A computation.
   *
   * @param <T> its result
   * @param <E> what it may throw; nothing checked if it throws nothing checked
   */
  @FunctionalInterface
  public interface Computation<T, E extends Exception> {
    /** Computes the result. */
    T compute() throws E;
  }

  /**
   * A computation without a result.
   *
   * @param <E> what it may throw
   */
  @FunctionalInterface
  public interface Action<E extends Exception> {
    /** Computes. */
    void run() throws E;
  }

  /** Computes a new array, and closes every other one that was made on the way. */
  public static <E extends Exception> NDArray returning(Computation<NDArray, E> body) throws E {
    NDArray result = keeping(body);
    NDScope.register(result);
    return result;
  }

  /** The same of an array that no scope is to close: its manager does, or who asked for it. */
  public static <E extends Exception> NDArray keeping(Computation<NDArray, E> body) throws E {
    return value(
        () -> {
          NDArray array = body.compute();
          NDScope.unregister(array);
          return array;
        });
  }

  /** Computes something that is no array, and closes every array that was made on the way. */
  public static <T, E extends Exception> T value(Computation<T, E> body) throws E {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return body.compute();
    }
  }

  /** Computes, and closes every array that was made on the way. */
  public static <E extends Exception> void run(Action<E> body) throws E {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      body.run();
    }
  }
}
