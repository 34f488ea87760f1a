package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes once what is asked for twice: the same operator on the same tensors and numbers. */
public final class CommonSubexpressions implements Pass {
  @Override
  public Program apply(Program program) {
    Map<Value, Value> replaced = new HashMap<>();
    Map<List<Object>, Node> seen = new HashMap<>();
    List<Node> kept = new ArrayList<>();
    for (Node original : program.nodes()) {
      Node node = original.mapInputs(value -> replaced.getOrDefault(value, value));
      Node before = node.writes() ? null : seen.putIfAbsent(key(node), node);
      if (before == null) {
        kept.add(node);
      } else {
        for (int i = 0; i < node.outputs().size(); i++) {
          replaced.put(node.outputs().get(i), before.outputs().get(i));
        }
      }
    }
    return program.with(
        kept,
        program.outputs().stream().map(value -> replaced.getOrDefault(value, value)).toList());
  }

  /** Tensors are equal only to themselves, literals by value. */
  private static List<Object> key(Node node) {
    Map<String, Argument> named = node.named();
    return List.of(node.op(), node.arguments(), named);
  }
}
