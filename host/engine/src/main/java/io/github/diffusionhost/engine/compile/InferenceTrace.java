package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.trace.NoDraws;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a network computes without being trained as a program, after the passes.
 *
 * @param program its outputs are those of the {@link Inference}
 * @param x noisy images [N,C,H,W]
 * @param condition [N]
 * @param labels [N] int64; null if there are none
 * @param weights the weights by name
 */
public record InferenceTrace(
    Program program, Value x, Value condition, @Nullable Value labels, Map<String, Value> weights) {

  /**
   * Records.
   *
   * @param inference what is computed by the network
   * @param labelled whether the network is given labels
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible, or
   *     the network does not do the same whenever it runs
   */
  public static Steady<InferenceTrace> record(
      Network network,
      Inference inference,
      ImageShape shape,
      boolean labelled,
      Passes passes,
      NDManager constants) {
    return Steady.record(
        (size, scope) -> record(network, inference, shape, labelled, size, scope),
        (trace, program) -> trace.fitted(program, passes),
        constants,
        List.of(network.denoiser()));
  }

  /** The same for a program whose inputs stand in the same places, after the passes. */
  private InferenceTrace fitted(Program fitted, Passes passes) {
    return new InferenceTrace(
        passes.afterGradients(passes.beforeGradients(fitted)),
        RecordedWeights.counterpart(x, program, fitted),
        RecordedWeights.counterpart(condition, program, fitted),
        labels == null ? null : RecordedWeights.counterpart(labels, program, fitted),
        RecordedWeights.moved(weights, program, fitted));
  }

  private static Steady.Once<InferenceTrace> record(
      Network network,
      Inference inference,
      ImageShape shape,
      boolean labelled,
      int size,
      NDManager constants) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      NDArray x = recording.input(constants.zeros(shape.batch(size)));
      NDArray condition = recording.input(constants.ones(new Shape(size)));
      NDArray labels =
          labelled ? recording.input(constants.zeros(new Shape(size), DataType.INT64)) : null;
      RecordedWeights weights = RecordedWeights.of(network, recording);
      Forward pass = Forward.of(weights.store(), false, NoDraws.INSTANCE);
      NDList outputs = recording.run(() -> inference.run(pass, x, condition, labels));
      InferenceTrace trace =
          new InferenceTrace(
              recording.finish(outputs),
              recording.value(x),
              recording.value(condition),
              labels == null ? null : recording.value(labels),
              weights.values());
      return new Steady.Once<>(trace, recording.recorded(trace.program, List.of()));
    }
  }
}
