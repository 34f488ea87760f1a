package io.github.diffusionhost.engine.gradient;

import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Value;

/** How the gradient of an operator's first output goes to its inputs. */
@FunctionalInterface
interface Rule {
  /**
   * Writes the operations.
   *
   * @param node the operator's call
   * @param g the gradient of its first output, of that output's type
   * @param b takes the gradients of the inputs
   */
  void apply(Node node, Value g, Backward b);
}
