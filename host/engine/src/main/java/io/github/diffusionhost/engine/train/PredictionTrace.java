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
import io.github.diffusionhost.engine.random.NoNoise;
import io.github.diffusionhost.engine.trace.BatchFit;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network's prediction as a program, after the passes.
 *
 * @param program its only output is the prediction, [N,C,H,W]
 * @param x noisy images [N,C,H,W]
 * @param condition [N]
 * @param labels [N] int64; null if there are none
 * @param weights the weights by name
 */
public record PredictionTrace(
    Program program, Value x, Value condition, @Nullable Value labels, Map<String, Value> weights) {

  /**
   * Records.
   *
   * @param labelled whether the network is given labels
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  public static PredictionTrace record(
      Network network, ImageShape shape, boolean labelled, Passes passes, NDManager constants) {
    List<Program> programs = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int size : BatchFit.SIZES) {
      names.clear();
      programs.add(record(network, shape, labelled, size, constants, names));
    }
    Program fitted = BatchFit.of(programs);
    int first = labelled ? 3 : 2;
    Map<String, Value> weights = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      weights.put(names.get(i), fitted.inputs().get(first + i));
    }
    return new PredictionTrace(
        passes.afterGradients(passes.beforeGradients(fitted)),
        fitted.inputs().get(0),
        fitted.inputs().get(1),
        labelled ? fitted.inputs().get(2) : null,
        weights);
  }

  /** Inputs in this order: images, condition, labels, weights. */
  private static Program record(
      Network network,
      ImageShape shape,
      boolean labelled,
      int size,
      NDManager constants,
      List<String> names) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      NDArray x = recording.input(constants.zeros(shape.batch(size)));
      NDArray condition = recording.input(constants.ones(new Shape(size)));
      NDArray labels =
          labelled ? recording.input(constants.zeros(new Shape(size), DataType.INT64)) : null;
      names.addAll(network.weights().values().keySet());
      Forward pass =
          Forward.of(network.weights().store(recording::reference), false, NoNoise.INSTANCE);
      return recording.finish(new NDList(network.predict(pass, x, condition, labels)));
    }
  }
}
