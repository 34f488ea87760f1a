package io.github.diffusionhost.engine.step;

import ai.djl.Device;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.device.DeviceRoom;
import io.github.diffusionhost.engine.program.PeakMemory;
import io.github.diffusionhost.engine.program.Program;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How many images of a batch go through the network at once, where the setup leaves it open: on the
 * CPU as many as whose tensors take no more than 768 MiB, which depends on the network and the
 * batch size alone; on a GPU as many as whose step fits its memory, which depends on how much the
 * GPU has, too.
 */
final class MicroBatch {
  private static final long PART_BYTES = 768L << 20;

  private final TrainingSetup setup;
  private final StepProgram program;
  private final Device device;
  private final DeviceRoom room;

  MicroBatch(TrainingSetup setup, StepProgram program, Device device, DeviceRoom room) {
    this.setup = setup;
    this.program = program;
    this.device = device;
    this.room = room;
  }

  /**
   * The largest part of the batch that divides it and fits; 1 if none does. A network that updates
   * weights from what it sees, such as a batch norm's statistics, sees the whole batch.
   */
  int images() {
    Integer asked = setup.microBatch();
    if (asked != null) {
      return asked;
    }
    if (!program.updated().isEmpty()) {
      return setup.batchSize();
    }
    if (device.isGpu()) {
      Fitting fitting = fitting(setup.batchSize(), room());
      return fitting == null ? 1 : fitting.images();
    }
    Program part = program.part();
    return largest(setup.batchSize(), n -> PeakMemory.bytes(part, n) <= PART_BYTES);
  }

  /**
   * The largest part of the batch that fits; null if none does.
   *
   * @param most images of it at most
   * @param there what there is, see {@link #room}
   */
  @Nullable Fitting fitting(int most, long there) {
    IntPredicate fits = n -> memory(n).bytes() <= there;
    int images = largest(most, fits);
    return most > 0 && fits.test(images) ? new Fitting(images, memory(images).bytes()) : null;
  }

  /**
   * Images at a time that fit.
   *
   * @param bytes what a step then takes
   */
  record Fitting(int images, long bytes) {}

  /** What a step takes whose parts have so many images. */
  StepMemory memory(int images) {
    return StepMemory.of(setup, program, images);
  }

  /** What there is for it; {@link Long#MAX_VALUE} if that is not known. */
  long room() {
    StepMemory lasting = memory(1);
    long held = lasting.weights() + lasting.moments() + lasting.averages();
    long there = room.bytes(device, held);
    return device.isGpu() ? besideImages(there) : there;
  }

  /** What there is for steps beside the images, which are on the device for good. */
  long besideImages(long there) {
    long pixels = setup.batches().pixels(setup.batchSize()).size(); // a byte each
    return there == Long.MAX_VALUE ? there : there - pixels;
  }

  private int largest(int most, IntPredicate fits) {
    int batch = setup.batchSize();
    for (int images = most; images > 1; images--) {
      if (batch % images == 0 && fits.test(images)) {
        return images;
      }
    }
    return 1;
  }
}
