package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.BatchFit;
import io.github.diffusionhost.engine.trace.NoDraws;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.ArrayList;
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
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  public static InferenceTrace record(
      Network network,
      Inference inference,
      ImageShape shape,
      boolean labelled,
      Passes passes,
      NDManager constants) {
    List<InferenceTrace> traces = new ArrayList<>();
    for (int size : BatchFit.SIZES) {
      traces.add(record(network, inference, shape, labelled, size, constants));
    }
    Program fitted = BatchFit.of(traces.stream().map(InferenceTrace::program).toList());
    InferenceTrace first = traces.get(0);
    return new InferenceTrace(
        passes.afterGradients(passes.beforeGradients(fitted)),
        RecordedWeights.counterpart(first.x, first.program, fitted),
        RecordedWeights.counterpart(first.condition, first.program, fitted),
        first.labels == null
            ? null
            : RecordedWeights.counterpart(first.labels, first.program, fitted),
        RecordedWeights.moved(first.weights, first.program, fitted));
  }

  private static InferenceTrace record(
      Network network,
      Inference inference,
      ImageShape shape,
      boolean labelled,
      int size,
      NDManager constants) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      NDArray x = recording.input(constants.zeros(shape.batch(size)));
      NDArray condition = recording.input(constants.ones(new Shape(size)));
      NDArray labels =
          labelled ? recording.input(constants.zeros(new Shape(size), DataType.INT64)) : null;
      RecordedWeights weights = RecordedWeights.of(network, recording);
      Forward pass = Forward.of(weights.store(), false, NoDraws.INSTANCE);
      NDList outputs = recording.run(() -> inference.run(pass, x, condition, labels));
      return new InferenceTrace(
          recording.finish(outputs),
          recording.value(x),
          recording.value(condition),
          labels == null ? null : recording.value(labels),
          weights.values());
    }
  }
}
