package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives outputs memory of their own, in order: they may then be changed in place.
 *
 * @param first the first output that is meant
 */
public record OwnedOutputs(int first) implements Pass {
  /** Operators beside views whose result may be the memory of their input. */
  private static final Set<String> MAY_SHARE = Set.of("aten::to", "aten::contiguous");

  /** Operators whose result is new, but not always contiguous. */
  private static final Set<String> ANY_ORDER = Set.of("aten::convolution_backward");

  /** The number of {@code torch.contiguous_format}. */
  private static final long CONTIGUOUS = 0;

  @Override
  public Program apply(Program program) {
    Map<Value, Node> makers = new HashMap<>();
    program.nodes().forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
    ProgramBuilder builder = new ProgramBuilder(program);
    List<Value> outputs = new ArrayList<>(program.outputs().subList(0, first));
    Set<Value> seen = new HashSet<>(outputs);
    for (Value output : program.outputs().subList(first, program.outputs().size())) {
      Node maker = makers.get(output);
      if (maker == null || shares(maker) || !seen.add(output)) {
        outputs.add(copied(builder, output));
      } else if (ANY_ORDER.contains(maker.op())) {
        outputs.add(builder.add("aten::contiguous", output.type(), output));
      } else {
        outputs.add(output);
      }
    }
    return builder.build(outputs);
  }

  private static boolean shares(Node node) {
    return node.isView() || MAY_SHARE.contains(node.op());
  }

  private static Value copied(ProgramBuilder builder, Value value) {
    return builder.add(
        "aten::clone", value.type(), Map.of("memory_format", Argument.of(CONTIGUOUS)), value);
  }
}
