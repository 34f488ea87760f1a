package io.github.diffusionhost.engine.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import io.github.diffusionhost.engine.scope.NoGradientScope;

/** Changes of arrays that others hold. */
public final class InPlace {
  private InPlace() {}

  /**
   * Overwrites the values of an array, bit for bit. Unlike {@link NDArray#copyTo} it leaves the
   * array in its own native memory.
   *
   * @param from of the same shape and type as {@code to}
   */
  public static void copy(NDArray from, NDArray to) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      to.reshape(-1).set(new NDIndex(":"), from.reshape(-1));
    }
  }
}
