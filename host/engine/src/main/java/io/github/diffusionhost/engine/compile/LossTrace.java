package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import io.github.diffusionhost.engine.batch.BatchSource;
import io.github.diffusionhost.engine.batch.TrainBatch;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a batch as a program: from pixels, labels, draws and weights to the loss, squared
 * error and noise level of each image.
 *
 * @param program its first {@value #OUTPUTS} outputs are these, each [N]; then come the new values
 *     of weights that the pass updates
 * @param pixels [N,C,H,W]
 * @param labels [N] int64; null if there are none
 * @param draws the draws in order
 * @param weights the weights that are used, by name
 * @param updated the names of the weights that the pass updates
 */
public record LossTrace(
    Program program,
    Value pixels,
    @Nullable Value labels,
    List<RecordedDraws.Draw> draws,
    Map<String, Value> weights,
    List<String> updated) {
  /** How many outputs there are beside the updates. */
  public static final int OUTPUTS = 3;

  /**
   * Records the loss of a network.
   *
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible, or
   *     the code does not do the same whenever it runs
   */
  static Steady<LossTrace> record(Network network, BatchSource batches, NDManager constants) {
    return Steady.record(
        (size, scope) -> record(network, batches, scope, size),
        LossTrace::fitted,
        constants,
        List.of(network.denoiser(), network.scheduler(), batches));
  }

  private static Steady.Once<LossTrace> record(
      Network network, BatchSource batches, NDManager constants, int size) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      NDArray pixels =
          recording.input(constants.zeros(batches.shape().batch(size), batches.type()));
      NDArray labels =
          batches.labelled()
              ? recording.input(constants.zeros(new Shape(size), DataType.INT64))
              : null;
      List<RecordedDraws.Draw> draws = new ArrayList<>();
      RecordedDraws augmentation =
          draws(recording, constants, RecordedDraws.Stream.AUGMENTATION, draws);
      NDArray images = recording.run(() -> batches.images(pixels, augmentation));
      TrainBatch batch =
          new TrainBatch(
              images, labels, draws(recording, constants, RecordedDraws.Stream.LOSS, draws));
      RecordedWeights weights = RecordedWeights.of(network, recording);
      Forward pass = Forward.of(weights.store(), true, batch.noise());
      TrainingLoss loss = recording.run(() -> network.loss(pass, batch));
      NDList outputs = new NDList(loss.perImage(), loss.squaredError(), loss.level());
      outputs.addAll(pass.updates().values());
      LossTrace trace =
          new LossTrace(
              recording.finish(outputs),
              recording.value(pixels),
              labels == null ? null : recording.value(labels),
              draws,
              weights.values(),
              pass.updates().keySet().stream()
                  .map(parameter -> RecordedWeights.nameOf(network, parameter.getArray()))
                  .toList());
      return new Steady.Once<>(trace, recording.recorded(trace.program, trace.facts()));
    }
  }

  private List<String> facts() {
    List<String> facts = new ArrayList<>(updated);
    draws.forEach(draw -> facts.add(draw.kind() + " for the " + draw.stream()));
    return facts;
  }

  private static RecordedDraws draws(
      Recording recording,
      NDManager manager,
      RecordedDraws.Stream stream,
      List<RecordedDraws.Draw> draws) {
    return new RecordedDraws(recording, manager, stream, draws);
  }

  /** The same parts of a program whose inputs stand in the same places. */
  private LossTrace fitted(Program fitted) {
    return new LossTrace(
        fitted,
        RecordedWeights.counterpart(pixels, program, fitted),
        labels == null ? null : RecordedWeights.counterpart(labels, program, fitted),
        draws.stream()
            .map(
                draw ->
                    new RecordedDraws.Draw(
                        draw.stream(),
                        draw.kind(),
                        RecordedWeights.counterpart(draw.value(), program, fitted)))
            .toList(),
        RecordedWeights.moved(weights, program, fitted),
        updated);
  }
}
