package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes now what depends on nothing that a call gives: operations on constants, of shapes that
 * are the same for every batch. Operators of the host's own have to be written out before.
 *
 * @param constants the scope of the program's constants, which the results join
 */
public record ConstantFolding(NDManager constants) implements Pass {
  private static final String LIST = "constants";

  @Override
  public Program apply(Program program) {
    Set<Value> known = new HashSet<>(program.constants().keySet());
    List<Node> folded = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Node node : program.nodes()) {
      if (known.containsAll(node.inputs()) && isFixed(node)) {
        folded.add(node);
        known.addAll(node.outputs());
      } else {
        rest.add(node);
      }
    }
    Set<Value> used = new HashSet<>(program.outputs());
    rest.forEach(node -> used.addAll(node.inputs()));
    List<Value> results =
        folded.stream().flatMap(node -> node.outputs().stream()).filter(used::contains).toList();
    Map<Value, NDArray> all = new LinkedHashMap<>(program.constants());
    if (!results.isEmpty()) {
      NDList arrays = computed(program.with(folded, results));
      for (int i = 0; i < results.size(); i++) {
        all.put(results.get(i), arrays.get(i));
      }
    }
    return new DeadCode().apply(new Program(program.inputs(), all, rest, program.outputs()));
  }

  private static boolean isFixed(Node node) {
    return node.op().startsWith("aten::")
        && !node.writes()
        && node.arguments().stream().allMatch(ConstantFolding::isFixed)
        && node.named().values().stream().allMatch(ConstantFolding::isFixed)
        && node.outputs().stream().allMatch(v -> v.type().shape().stream().allMatch(Dim::isFixed));
  }

  private static boolean isFixed(Argument argument) {
    if (argument instanceof Argument.Size size) {
      return size.dim().isFixed();
    } else if (argument instanceof Argument.Sizes sizes) {
      return sizes.dims().stream().allMatch(Dim::isFixed);
    }
    return true;
  }

  private NDList computed(Program program) {
    ProgramText text = new ProgramText();
    text.line("device = place.device");
    text.constants(program, LIST, 0);
    text.write(program);
    text.line("return " + text.names(program.outputs()));
    ModuleText module = new ModuleText();
    module.list(LIST);
    module.method("fold", "place: Tensor", "List[Tensor]", text.toString());
    try (ScriptModule script = new ScriptModule(module.toString(), module.lists(), constants);
        NDArray place = constants.zeros(new Shape())) {
      script.bind(LIST, program.constants().values());
      NDList results = script.call("fold", place);
      // They stay for as long as the program: a caller's scope must not close them.
      results.forEach(NDScope::unregister);
      return results;
    }
  }
}
