package io.github.diffusionhost.engine.compile;

import io.github.diffusionhost.engine.gradient.Gradients;
import io.github.diffusionhost.engine.pass.OwnedOutputs;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of weights alone with their gradients: from the gradients that all parts of a batch
 * add up to, to those of the weights.
 *
 * @param program its first outputs are the functions' results
 * @param seeds inputs of the program: the gradients of the parts' loss, in the order of its outputs
 * @param gradients the gradient of each trained weight that has one, by name: a tensor of the
 *     program, or a seed as it is
 */
public record WeightGradients(Program program, List<Value> seeds, Map<String, Value> gradients) {

  /**
   * Differentiates.
   *
   * @param functions from weights to results
   * @param given the weights and results that the parts give gradients of
   * @param trainable the weights that are trained, by name
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible
   */
  static WeightGradients of(
      Program functions, List<Value> given, Map<String, Value> trainable, Passes passes) {
    ProgramBuilder seeded = new ProgramBuilder(functions);
    Map<Value, Value> seeds = new LinkedHashMap<>();
    given.forEach(value -> seeds.put(value, seeded.input(value.type())));
    int results = functions.outputs().size();
    Gradients found =
        Gradients.of(seeded.build(functions.outputs()), seeds, List.copyOf(trainable.values()));
    List<Value> outputs = new ArrayList<>(functions.outputs());
    Map<String, Value> gradients = new LinkedHashMap<>();
    trainable.forEach(
        (name, weight) -> {
          Value gradient = found.of().get(weight);
          if (gradient != null) {
            gradients.put(name, gradient);
            if (!seeds.containsValue(gradient)) {
              outputs.add(gradient);
            }
          }
        });
    Program whole = found.program().with(found.program().nodes(), outputs);
    Program improved = new OwnedOutputs(results).apply(passes.afterGradients(whole));
    for (int i = results; i < outputs.size(); i++) {
      Value before = outputs.get(i);
      Value after = improved.outputs().get(i);
      gradients.replaceAll((name, gradient) -> gradient == before ? after : gradient);
    }
    return new WeightGradients(improved, List.copyOf(seeds.values()), gradients);
  }
}
