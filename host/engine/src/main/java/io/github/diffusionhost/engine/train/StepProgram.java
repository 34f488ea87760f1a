package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.gradient.Gradients;
import io.github.diffusionhost.engine.pass.OwnedOutputs;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The loss of some images and its gradients as one program.
 *
 * @param program its outputs are those of {@link LossTrace}, updates included, and the gradients of
 *     the trained weights
 * @param pixels [N,C,H,W]
 * @param labels [N] int64; null if there are none
 * @param draws the draws in order
 * @param seed the gradient of each image's loss, a number
 * @param weights the weights that are used, by name
 * @param updated the names of the weights that the pass updates
 * @param trained the names of the weights that have gradients
 * @param renormalization what happens to the weights before
 */
record StepProgram(
    Program program,
    Value pixels,
    @Nullable Value labels,
    List<RecordedDraws.Draw> draws,
    Value seed,
    Map<String, Value> weights,
    List<String> updated,
    List<String> trained,
    Renormalization renormalization) {

  /**
   * Records, differentiates and improves.
   *
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  static StepProgram of(Network network, BatchSource batches, Passes passes, NDManager constants) {
    LossTrace trace = LossTrace.record(network, batches, constants);
    Program forward = passes.beforeGradients(trace.program());
    ProgramBuilder seeded = new ProgramBuilder(forward);
    Value seed = seeded.input(TensorType.of(DataType.FLOAT32));
    Value loss = forward.outputs().get(0);
    Value seeds =
        seeded.add("aten::expand", loss.type(), seed, new Argument.Sizes(List.of(Dim.BATCH)));
    List<String> trainable = new ArrayList<>(network.trainable().keySet());
    trainable.retainAll(trace.weights().keySet());
    Gradients gradients =
        Gradients.of(
            seeded.build(List.of(loss)),
            loss,
            seeds,
            trainable.stream().map(trace.weights()::get).toList());
    List<String> trained =
        trainable.stream()
            .filter(name -> gradients.of().containsKey(trace.weights().get(name)))
            .toList();
    List<Value> outputs = new ArrayList<>(forward.outputs());
    trained.forEach(name -> outputs.add(gradients.of().get(trace.weights().get(name))));
    Program whole = gradients.program().with(gradients.program().nodes(), outputs);
    return new StepProgram(
        new OwnedOutputs(LossTrace.OUTPUTS).apply(passes.afterGradients(whole)),
        trace.pixels(),
        trace.labels(),
        trace.draws(),
        seed,
        trace.weights(),
        trace.updated(),
        trained,
        Renormalization.record(network, constants));
  }

  /** Whether every image has its own share of a draw. */
  static boolean perImage(RecordedDraws.Draw draw) {
    TensorType type = draw.value().type();
    return type.rank() > 0 && type.dim(0).equals(Dim.BATCH);
  }
}
