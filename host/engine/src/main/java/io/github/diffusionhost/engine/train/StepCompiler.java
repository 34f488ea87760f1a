package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes training steps: compiled where that is possible. */
public final class StepCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(StepCompiler.class);

  private StepCompiler() {}

  /**
   * The step of a setup.
   *
   * @param precision the arithmetic of a compiled step; otherwise it is float32
   * @param compile whether to compile it; what cannot be recorded is named in a warning, and the
   *     step then runs operation by operation
   */
  public static TrainingStep step(TrainingSetup setup, Precision precision, boolean compile) {
    if (!compile) {
      if (precision != Precision.FP32) {
        LOG.warn("train.precision needs train.compile: training runs in float32");
      }
      return new EagerStep(setup);
    }
    try {
      return new CompiledStep(setup, precision);
    } catch (NotTraceableException e) {
      LOG.warn(
          "training runs operation by operation, more slowly than compiled: {}", e.getMessage());
      return new EagerStep(setup);
    }
  }
}
