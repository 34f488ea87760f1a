package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.engine.options.TrainOptions.Precision;

/**
 * How a network's operations are run.
 *
 * @param precision the arithmetic of what is compiled; what runs operation by operation is float32
 * @param compile whether to compile what can be recorded
 */
public record Execution(Precision precision, boolean compile) {
  /** Operation by operation. */
  public static final Execution EAGER = new Execution(Precision.FP32, false);

  /** Compiled, in float32. */
  public static final Execution COMPILED = new Execution(Precision.FP32, true);

  /** The same arithmetic, compiled or not. */
  public Execution withCompile(boolean other) {
    return new Execution(precision, other);
  }
}
