package io.github.diffusionhost.engine.step;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.batch.TrainBatch;
import io.github.diffusionhost.engine.compile.LossAgreement;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.device.DeviceRoom;
import io.github.diffusionhost.engine.levels.LevelScript;
import io.github.diffusionhost.engine.levels.LevelSum;
import io.github.diffusionhost.engine.network.InPlace;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Flops;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The step as one call of native code: a program that was traced, differentiated and compiled.
 *
 * <p>If the setup leaves the micro-batch open, a large batch goes through in parts, see {@link
 * MicroBatch}.
 */
public final class CompiledStep implements TrainingStep {
  /** Images whose losses are compared with those operation by operation. */
  private static final int COMPARED = 2;

  private final TrainingSetup setup;
  private final Precision precision;
  private final StepArguments inputs;
  private final MicroBatch part;
  private final int microBatch;

  /** Looked at before the first step: what a failed one has freed the process may keep. */
  private final long room;

  private final NDManager manager;
  private final StepProgram program;
  private final ScriptModule module;
  private final NDList sums;
  private final List<NDArray> levels;
  private final ByteBuffer numbers;
  private final NDArray numberArray;
  private long last;
  private long since;
  private StepSums from = StepSums.NONE;
  private volatile boolean intact = true;

  /**
   * Compiles the step of a setup.
   *
   * @param precision the arithmetic of the network
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if something in it cannot be
   *     recorded
   */
  public CompiledStep(TrainingSetup setup, Precision precision) {
    this(setup, precision, Passes::of);
  }

  /**
   * The same with other passes.
   *
   * @param passes what is done to its programs
   */
  public CompiledStep(TrainingSetup setup, Precision precision, Passes.Choice passes) {
    this(setup, precision, passes, DeviceRoom.ofMachine());
  }

  /**
   * The same with other passes, on a device with more or less memory.
   *
   * @param passes what is done to its programs
   * @param deviceRoom what there is for its arrays
   */
  public CompiledStep(
      TrainingSetup setup, Precision precision, Passes.Choice passes, DeviceRoom deviceRoom) {
    this.setup = setup;
    this.precision = precision;
    Network network = setup.network();
    this.manager = network.manager().newSubManager();
    try {
      this.program =
          StepProgram.of(network, setup.batches(), passes.of(precision, manager), manager);
      this.inputs = new StepArguments(setup, program);
      this.part = new MicroBatch(setup, program, manager.getDevice(), deviceRoom);
      this.microBatch = part.images();
      this.room = part.room();
      Map<String, Integer> index = new LinkedHashMap<>();
      network.weights().values().keySet().forEach(name -> index.put(name, index.size()));
      StepScript script = new StepScript(program, index, setup);
      this.module = new ScriptModule(script.module().toString(), script.module().lists(), manager);
      this.sums = new NDList();
      for (int i = 0; i < 3; i++) {
        sums.add(manager.zeros(new Shape(), DataType.FLOAT64));
      }
      this.levels = LevelScript.tensors(setup.levels(), manager);
      new StepBinding(setup, program, sums, levels).bind(module);
      int count = StepScript.AVERAGES + setup.averages().size();
      // Always on the CPU: reading a number there never waits for a device.
      this.numbers = ByteBuffer.allocateDirect(count * Double.BYTES).order(ByteOrder.nativeOrder());
      this.numberArray =
          manager.newSubManager(Device.cpu()).create(numbers, new Shape(count), DataType.FLOAT64);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public void run(long number, double lr) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      DoubleBuffer target = numbers.asDoubleBuffer();
      target.put(StepScript.LR, lr);
      target.put(StepScript.UPDATE, number + 1);
      target.put(StepScript.MICRO, microBatch);
      for (int i = 0; i < setup.averages().size(); i++) {
        target.put(StepScript.AVERAGES + i, 1 - setup.averages().get(i).decay(number));
      }
      try {
        List<Object> arguments = inputs.of(number, 0, setup.batchSize());
        arguments.add(numberArray);
        intact = false;
        module.run("step", arguments.toArray());
      } catch (EngineException e) {
        throw failed(e);
      }
      intact = true;
      last = number;
      since++;
    }
  }

  /**
   * What is thrown where native code fails: as a rule before weights are changed, but for forced
   * weight normalisation, which comes first and changes nothing when it is done once more, up to
   * rounding.
   */
  private RuntimeException failed(EngineException cause) {
    try {
      intact = (long) sums.get(2).getDouble() == from.steps() + since;
    } catch (EngineException e) {
      cause.addSuppressed(e); // a device that computes no more
    }
    if (OutOfDeviceMemoryException.asked(cause).isEmpty()) {
      return cause;
    }
    return new OutOfDeviceMemoryException(
        microBatch, memory(), part.fitting(microBatch - 1, room), room, cause);
  }

  @Override
  public StepSums sums() {
    double loss = sums.get(0).getDouble();
    double norm = sums.get(1).getDouble();
    long good = (long) sums.get(2).getDouble();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      long step = last - since + 1 + good - from.steps();
      throw new DivergedException(step, notFinite(step));
    }
    double[] byLevel = levels.get(LevelScript.SUMS).toDoubleArray();
    return new StepSums(good, loss, norm, LevelSum.of(byLevel));
  }

  @Override
  public boolean intact() {
    return intact;
  }

  @Override
  public void restart(StepSums sumsSoFar) {
    from = sumsSoFar;
    since = 0;
    double[] values = {from.loss(), from.gradientNorm(), from.steps()};
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      for (int i = 0; i < values.length; i++) {
        InPlace.copy(manager.create(values[i]), sums.get(i));
      }
      NDArray byLevel = levels.get(LevelScript.SUMS);
      double[] numbers = LevelSum.numbers(from.levels(), setup.levels().count());
      InPlace.copy(manager.create(numbers, byLevel.getShape()), byLevel);
    }
  }

  @Override
  public double imagesPerSecond(int images) {
    int count = Math.min(images, microBatch);
    norms(0, 0, count);
    long start = System.nanoTime();
    norms(0, 0, count);
    return count / (1e-9 * (System.nanoTime() - start));
  }

  @Override
  public @Nullable String difference(long number) {
    String recorded = program.difference();
    return recorded == null ? lossDifference(number) : recorded;
  }

  /**
   * Whether losses are those that the code gives operation by operation.
   *
   * @param number of a step, of whose batch the first images are looked at
   * @return what differs, in words; null if nothing does
   */
  @Nullable String lossDifference(long number) {
    int count = Math.min(COMPARED, microBatch);
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      float[] compiled =
          module.call("norms", inputs.of(number, 0, count).toArray()).get(2).toFloatArray();
      TrainBatch batch = setup.batches().batch(number, setup.batchSize(), 0, count);
      Network network = setup.network();
      Forward pass = Forward.of(network.weights().store(), true, batch.noise());
      float[] eager = network.checkedLoss(pass, batch).perImage().toFloatArray();
      return LossAgreement.difference(compiled, eager, precision);
    }
  }

  /** The time spent in native code so far, in nanoseconds; see {@link ScriptModule#nativeNanos}. */
  public long nativeNanos() {
    return module.nativeNanos();
  }

  /** Images of a forward pass. */
  public int microBatch() {
    return microBatch;
  }

  /** What a step takes of the device's memory. */
  public StepMemory memory() {
    return part.memory(microBatch);
  }

  /** The floating-point operations of one step's products and convolutions. */
  public long flops() {
    long rounds = setup.batchSize() / microBatch;
    return rounds * Flops.of(program.program(), microBatch);
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }

  /** Which part of a step is not finite: the weights are still those that it met. */
  private String notFinite(long step) {
    String gradient = null;
    for (int first = 0; first < setup.batchSize(); first += microBatch) {
      float[] found = norms(step, first, microBatch);
      if (!Float.isFinite(found[0])) {
        return "the loss";
      }
      for (int i = 1; i < found.length && gradient == null; i++) {
        if (!Float.isFinite(found[i])) {
          gradient = "the gradient of " + program.trained().get(i - 1);
        }
      }
    }
    return gradient == null ? "the norm of all gradients" : gradient;
  }

  /** The sum of the losses of some images, and the norm of each gradient of it. */
  private float[] norms(long step, int first, int count) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      NDList found = module.call("norms", inputs.of(step, first, count).toArray());
      float[] norms = found.get(1).toFloatArray();
      float[] all = new float[norms.length + 1];
      all[0] = found.get(0).getFloat();
      System.arraycopy(norms, 0, all, 1, norms.length);
      return all;
    }
  }
}
