package io.github.diffusionhost.engine.step;

import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Stages;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The text of what the parts of a batch share: {@code prepare} makes once what depends on weights
 * alone, {@code gradients} takes the sums of the parts' gradients through it.
 */
final class SharedScript {
  private final StepProgram step;
  private final Map<String, Integer> weightIndex;
  private final Stages parts;
  private final Stages functions;

  /** Of the parts' program, what {@code prepare} makes for it. */
  private final List<Value> forParts = new ArrayList<>();

  /** Of the functions of weights, what {@code gradients} needs again. */
  private final List<Value> forGradients;

  SharedScript(StepProgram step, Map<String, Integer> weightIndex) {
    this.step = step;
    this.weightIndex = weightIndex;
    this.functions = step.shared();
    this.forGradients = functions.handedOver(step.functions().gradients().values());
    this.parts = step.stages();
    Set<Value> used = new HashSet<>(step.program().outputs());
    parts.rest().forEach(node -> used.addAll(node.inputs()));
    step.results().stream().filter(used::contains).forEach(forParts::add);
    forParts.addAll(parts.handedOver(step.program().outputs()));
  }

  /** What is left to do for each part. */
  List<Node> rest() {
    return parts.rest();
  }

  /** Uses what was prepared in a part's text. */
  void name(ProgramText text) {
    for (int i = 0; i < forParts.size(); i++) {
      text.name(forParts.get(i), "prepared[" + i + "]");
    }
  }

  /** How many constants the parts and the functions of weights have together. */
  int constants() {
    return step.program().constants().size() + step.functions().program().constants().size();
  }

  /** Writes both methods. */
  void write(ModuleText module) {
    Program whole = step.functions().program();
    ProgramText prepare = text();
    prepare.write(whole.with(functions.first()));
    for (int i = 0; i < step.results().size(); i++) {
      prepare.name(step.results().get(i), prepare.name(whole.outputs().get(i)));
    }
    prepare.write(step.program().with(parts.first()));
    List<Value> prepared = new ArrayList<>(forParts);
    prepared.addAll(forGradients);
    prepare.line("return " + prepare.names(prepared));
    module.method("prepare", "", "List[Tensor]", prepare.toString());

    ProgramText gradients = text();
    for (int i = 0; i < forGradients.size(); i++) {
      gradients.name(forGradients.get(i), "prepared[" + (forParts.size() + i) + "]");
    }
    List<Value> seeds = step.functions().seeds();
    for (int i = 0; i < seeds.size(); i++) {
      gradients.name(seeds.get(i), "g[" + i + "]");
    }
    gradients.write(whole.with(functions.rest()));
    List<Value> found = List.copyOf(step.functions().gradients().values());
    gradients.line("return " + gradients.names(found));
    module.method(
        "gradients",
        "g: List[Tensor], prepared: List[Tensor]",
        "List[Tensor]",
        gradients.toString());
  }

  private ProgramText text() {
    ProgramText text = new ProgramText();
    text.line("device = ((self.pixels)[0]).device");
    step.weights()
        .forEach(
            (name, value) -> text.name(value, "(self.weights)[" + weightIndex.get(name) + "]"));
    text.constants(step.program(), StepScript.CONSTANTS, 0);
    text.constants(
        step.functions().program(), StepScript.CONSTANTS, step.program().constants().size());
    return text;
  }
}
