package io.github.diffusionhost.engine.step;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.device.DeviceRoom;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.pass.Passes;
import org.jspecify.annotations.Nullable;

/** What the compiled steps of a training would take of memory, without making or running them. */
public final class MemoryPlan implements AutoCloseable {
  private final NDManager constants;
  private final MicroBatch part;
  private final int batchSize;

  /**
   * Records the step of a setup.
   *
   * @param gpu whether to count what a GPU would compute; else what this machine's CPU does. The
   *     device of the setup may be another one
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if something in it cannot be
   *     recorded
   */
  public MemoryPlan(TrainingSetup setup, Precision precision, boolean gpu) {
    this.batchSize = setup.batchSize();
    this.constants = setup.network().manager().newSubManager();
    try {
      Passes passes = gpu ? Passes.ofGpu(precision, constants) : Passes.ofCpu(precision, constants);
      StepProgram program = StepProgram.of(setup.network(), setup.batches(), passes, constants);
      Device device = constants.getDevice();
      this.part = new MicroBatch(setup, program, device, DeviceRoom.ofMachine());
    } catch (RuntimeException e) {
      constants.close();
      throw e;
    }
  }

  /** Of steps whose parts have so many images. */
  public StepMemory at(int images) {
    return part.memory(images);
  }

  /** How many images at a time a training on the setup's device takes. */
  public int images() {
    return part.images();
  }

  /**
   * How many images at a time fit a GPU; null if none do.
   *
   * @param all bytes that it has
   */
  public @Nullable Integer onGpuOf(long all) {
    MicroBatch.Fitting fitting = part.fitting(batchSize, part.besideImages(DeviceRoom.ofGpu(all)));
    return fitting == null ? null : fitting.images();
  }

  @Override
  public void close() {
    constants.close();
  }
}
