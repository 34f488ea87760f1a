package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The last few arrays that a multistep sampler looks back at, which outlive the step they are of.
 */
final class History implements AutoCloseable {
  private final int size;
  private final Deque<NDArray> arrays = new ArrayDeque<>();

  /** Remembers {@code size} arrays. */
  History(int size) {
    this.size = size;
  }

  /** Takes over an array that this step has made, and lets go of the oldest. */
  void add(NDArray array) {
    NDScope.unregister(array);
    arrays.addFirst(array);
    if (arrays.size() > size) {
      arrays.removeLast().close();
    }
  }

  int size() {
    return arrays.size();
  }

  /** An array by age; 0 is the newest. */
  NDArray ago(int age) {
    Iterator<NDArray> iterator = arrays.iterator();
    for (int i = 0; i < age; i++) {
      iterator.next();
    }
    return iterator.next();
  }

  @Override
  public void close() {
    arrays.forEach(NDArray::close);
  }
}
