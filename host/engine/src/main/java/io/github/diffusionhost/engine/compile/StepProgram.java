package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.batch.BatchSource;
import io.github.diffusionhost.engine.contract.Returned;
import io.github.diffusionhost.engine.gradient.Gradients;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.pass.OwnedOutputs;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.Stages;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.steady.SteadyCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The loss of some images and its gradients as one program, beside the functions of weights that
 * all images share.
 *
 * @param program its outputs are those of {@link LossTrace}, updates included, and gradients of
 *     trained weights and of results
 * @param pixels [N,C,H,W]
 * @param labels [N] int64; null if there are none
 * @param draws the draws in order
 * @param seed the gradient of each image's loss, a number
 * @param weights the weights that are used, by name
 * @param results inputs of the program: what the functions of weights give
 * @param updated the names of the weights that the pass updates
 * @param trained the names of the weights that have gradients
 * @param functions the functions of weights, with their gradients
 * @param renormalization what happens to the weights before
 * @param codes the code that all this stands for
 */
public record StepProgram(
    Program program,
    Value pixels,
    @Nullable Value labels,
    List<RecordedDraws.Draw> draws,
    Value seed,
    Map<String, Value> weights,
    List<Value> results,
    List<String> updated,
    List<String> trained,
    WeightGradients functions,
    Renormalization renormalization,
    List<SteadyCode> codes) {

  /**
   * Records, differentiates and improves.
   *
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  public static StepProgram of(
      Network network, BatchSource batches, Passes passes, NDManager constants) {
    Steady<LossTrace> loss = LossTrace.record(network, batches, constants);
    LossTrace trace = loss.trace();
    Map<String, Value> still = new LinkedHashMap<>(trace.weights());
    still.keySet().removeAll(trace.updated());
    WeightFunctions functions =
        WeightFunctions.of(passes.beforeGradients(trace.program()), still.values());
    Program rest = functions.rest();
    List<Value> results = functions.before().outputs();
    ProgramBuilder seeded = new ProgramBuilder(rest);
    Value seed = seeded.input(TensorType.of(DataType.FLOAT32));
    Value each = rest.outputs().get(0);
    Value seeds =
        seeded.add("aten::expand", each.type(), seed, new Argument.Sizes(List.of(Dim.BATCH)));
    Map<String, Value> trainable = new LinkedHashMap<>();
    for (String name : network.trainable().keySet()) {
      Value weight = trace.weights().get(name);
      if (weight != null) {
        trainable.put(name, weight);
      }
    }
    List<Value> wanted = new ArrayList<>(trainable.values());
    wanted.addAll(results);
    Gradients gradients = Gradients.of(seeded.build(List.of(each)), Map.of(each, seeds), wanted);
    List<Value> given = wanted.stream().filter(gradients.of()::containsKey).toList();
    List<Value> outputs = new ArrayList<>(rest.outputs());
    given.forEach(value -> outputs.add(gradients.of().get(value)));
    Program whole = gradients.program().with(gradients.program().nodes(), outputs);
    Steady<Renormalization> renormalization = Renormalization.record(network, constants);
    WeightGradients pulled = WeightGradients.of(functions.before(), given, trainable, passes);
    if (pulled.gradients().isEmpty()) {
      throw new Returned(network.scheduler(), "loss").withoutGradient();
    }
    return new StepProgram(
        new OwnedOutputs(LossTrace.OUTPUTS).apply(passes.afterGradients(whole)),
        trace.pixels(),
        trace.labels(),
        trace.draws(),
        seed,
        trace.weights(),
        results,
        trace.updated(),
        List.copyOf(pulled.gradients().keySet()),
        pulled,
        renormalization.trace(),
        List.of(loss.code(), renormalization.code()));
  }

  /** What the code does differently now, in words; null if it does the same. */
  public @Nullable String difference() {
    return codes.stream()
        .map(SteadyCode::difference)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** The functions of weights: their values, and their gradients. */
  public Stages shared() {
    return Stages.of(functions.program(), still());
  }

  /** The program: what depends on weights alone, and what is done for every part of a batch. */
  public Stages stages() {
    List<Value> known = new ArrayList<>(still());
    known.addAll(results);
    return Stages.of(program, known);
  }

  /** What is done for every part of a batch. */
  public Program part() {
    return program.with(stages().rest());
  }

  /** The weights that no part of a batch changes. */
  private List<Value> still() {
    return weights.entrySet().stream()
        .filter(weight -> !updated.contains(weight.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Whether every image has its own share of a draw. */
  public static boolean perImage(RecordedDraws.Draw draw) {
    TensorType type = draw.value().type();
    return type.rank() > 0 && type.dim(0).equals(Dim.BATCH);
  }
}
