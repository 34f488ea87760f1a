package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.ops.GradientScope;

/** Runs array code and closes every array that it made. */
final class ArrayScope {
  private ArrayScope() {}

  /** Array code. */
  interface Body {
    void run(NDManager manager) throws Exception;
  }

  static Check check(String name, Body body) {
    return new Check(name, () -> run(body));
  }

  static void run(Body body) throws Exception {
    GradientScope scope = new GradientScope();
    NDManager manager = NDManager.newBaseManager();
    try {
      body.run(manager);
    } finally {
      scope.close();
      manager.close();
    }
  }
}
