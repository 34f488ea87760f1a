package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.gradient.Gradients;
import io.github.diffusionhost.engine.pass.OwnedOutputs;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.script.ProgramModule;
import io.github.diffusionhost.engine.trace.BatchFit;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A function of arrays, recorded, differentiated and compiled as a training step is, to be compared
 * with what the function gives operation by operation.
 */
public final class CompiledFunction implements AutoCloseable {
  private final TensorType type;
  private final List<Boolean> dependsOn;
  private final ProgramModule module;

  private CompiledFunction(TensorType type, List<Boolean> dependsOn, ProgramModule module) {
    this.type = type;
    this.dependsOn = dependsOn;
    this.module = module;
  }

  /** A function of arrays without its gradients, for any number of images. */
  public static Program record(
      Function<List<NDArray>, NDArray> function,
      IntFunction<List<NDArray>> examples,
      NDManager constants) {
    return BatchFit.of(
        BatchFit.SIZES.stream()
            .map(
                images -> {
                  Recording recording = new Recording(constants);
                  List<NDArray> inputs =
                      examples.apply(images).stream().map(recording::input).toList();
                  return recording.finish(List.of(recording.run(() -> function.apply(inputs))));
                })
            .toList());
  }

  /**
   * Records, differentiates and compiles.
   *
   * @param program what {@link #record} gave
   * @param passes what is done to it before and after it is differentiated
   * @param manager the device
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  public static CompiledFunction of(Program program, Passes passes, NDManager manager) {
    Program forward = passes.beforeGradients(program);
    Value output = forward.outputs().get(0);
    ProgramBuilder seeded = new ProgramBuilder(forward);
    Value seed = seeded.input(output.type());
    Gradients gradients =
        Gradients.of(seeded.build(List.of(output)), output, seed, forward.inputs());
    List<Value> outputs = new ArrayList<>(List.of(output));
    forward.inputs().stream()
        .map(gradients.of()::get)
        .filter(Objects::nonNull)
        .forEach(outputs::add);
    Program whole = gradients.program().with(gradients.program().nodes(), outputs);
    return new CompiledFunction(
        output.type(),
        forward.inputs().stream().map(gradients.of()::containsKey).toList(),
        new ProgramModule(new OwnedOutputs(1).apply(passes.afterGradients(whole)), manager));
  }

  /** The shape of the output. */
  public Shape shape(long images) {
    return new Shape(type.shape().stream().mapToLong(dim -> dim.at(images)).toArray());
  }

  /** What a call gives. */
  public record Results(NDArray output, List<@Nullable NDArray> gradients) {}

  /**
   * Calls it.
   *
   * @param seed the gradient of the output
   * @return the output, and the gradient by each argument; null where the output does not depend on
   *     it
   */
  public Results call(int images, List<NDArray> inputs, NDArray seed) {
    List<NDArray> arguments = new ArrayList<>(inputs);
    arguments.add(seed);
    List<NDArray> found = module.call(images, arguments);
    List<@Nullable NDArray> gradients = new ArrayList<>();
    int next = 1;
    for (boolean depends : dependsOn) {
      gradients.add(depends ? found.get(next++) : null);
    }
    return new Results(found.get(0), gradients);
  }

  @Override
  public void close() {
    module.close();
  }
}
