package io.github.diffusionhost.engine.step;

import io.github.diffusionhost.engine.device.DeviceRoom;
import io.github.diffusionhost.engine.options.Execution;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes training steps: compiled where that is possible. */
public final class StepCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(StepCompiler.class);

  private StepCompiler() {}

  /**
   * The step of a setup.
   *
   * @param execution how it runs; what cannot be recorded, or does not do the same when it is
   *     recorded again, is named in a warning, and the step then runs operation by operation
   */
  public static TrainingStep step(TrainingSetup setup, Execution execution) {
    return step(setup, execution, DeviceRoom.ofMachine());
  }

  /**
   * The same on a device with more or less memory.
   *
   * @param room what there is for arrays
   */
  static TrainingStep step(TrainingSetup setup, Execution execution, DeviceRoom room) {
    if (!execution.compile()) {
      if (execution.precision() != Precision.FP32) {
        LOG.warn("train.precision needs train.compile: training runs in float32");
      }
      return new EagerStep(setup);
    }
    String reason;
    try {
      CompiledStep step = new CompiledStep(setup, execution.precision(), Passes::of, room);
      reason = difference(step);
      if (reason == null) {
        tellOfParts(step, setup);
        return step;
      }
      step.close();
    } catch (NotTraceableException e) {
      reason = e.getMessage();
    }
    LOG.warn("training runs operation by operation, more slowly than compiled: {}", reason);
    return new EagerStep(setup);
  }

  /** On a GPU the whole batch goes through at once, if there is room for it. */
  private static void tellOfParts(CompiledStep step, TrainingSetup setup) {
    boolean gpu = setup.network().manager().getDevice().isGpu();
    if (gpu && setup.microBatch() == null && step.microBatch() < setup.batchSize()) {
      LOG.info(
          "{} of the {} images of a step at a time: all at once do not fit the GPU; train.microBatchSize sets another number",
          step.microBatch(),
          setup.batchSize());
    }
  }

  private static @Nullable String difference(CompiledStep step) {
    try {
      return step.lossDifference(0); // that it records the same twice, it has seen
    } catch (UncheckedIOException e) {
      LOG.debug("the first step will say which image cannot be read", e);
      return null;
    }
  }
}
