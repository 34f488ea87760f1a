package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** Leaves out operations and constants that no output needs. */
public final class DeadCode implements Pass {
  @Override
  public Program apply(Program program) {
    Set<Value> needed = new HashSet<>(program.outputs());
    List<Node> kept = new ArrayList<>();
    List<Node> nodes = program.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.writes() || node.outputs().stream().anyMatch(needed::contains)) {
        kept.add(node);
        needed.addAll(node.inputs());
      }
    }
    Collections.reverse(kept);
    var constants = new LinkedHashMap<>(program.constants());
    constants.keySet().retainAll(needed);
    return new Program(program.inputs(), constants, kept, program.outputs());
  }
}
