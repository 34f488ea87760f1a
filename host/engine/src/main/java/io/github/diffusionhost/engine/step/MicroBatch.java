package io.github.diffusionhost.engine.step;

import ai.djl.Device;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.program.PeakMemory;
import io.github.diffusionhost.engine.program.Program;

/**
 * How many images of a batch go through the network at once, where the setup leaves it open: on the
 * CPU as many as whose tensors take no more than 768 MiB, which depends on the network and the
 * batch size alone; on a GPU all of them.
 */
final class MicroBatch {
  private static final long PART_BYTES = 768L << 20;

  private MicroBatch() {}

  /**
   * The largest part of the batch that divides it and fits. A network that updates weights from
   * what it sees, such as a batch norm's statistics, sees the whole batch.
   */
  static int of(TrainingSetup setup, StepProgram program, Device device) {
    Integer asked = setup.microBatch();
    if (asked != null) {
      return asked;
    }
    int batch = setup.batchSize();
    if (device.isGpu() || !program.updated().isEmpty()) {
      return batch;
    }
    Program part = program.part();
    for (int parts = 1; parts < batch; parts++) {
      if (batch % parts == 0 && PeakMemory.bytes(part, batch / parts) <= PART_BYTES) {
        return batch / parts;
      }
    }
    return 1;
  }
}
