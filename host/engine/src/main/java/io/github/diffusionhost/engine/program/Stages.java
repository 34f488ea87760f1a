package io.github.diffusionhost.engine.program;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A program's operations in two stages: those that need nothing but tensors known early, and the
 * rest. Both keep their order.
 *
 * @param first what can be done early
 * @param rest the others
 */
public record Stages(List<Node> first, List<Node> rest) {
  /** Copies the lists. */
  public Stages {
    first = List.copyOf(first);
    rest = List.copyOf(rest);
  }

  /**
   * Divides.
   *
   * @param known the tensors known early; constants are, too. What no tensor goes into (a new
   *     tensor is cheap) and what the batch size goes into is never early.
   */
  public static Stages of(Program program, Collection<Value> known) {
    Set<Value> early = new HashSet<>(known);
    early.addAll(program.constants().keySet());
    List<Node> first = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Node node : program.nodes()) {
      boolean now = isEarly(node, early);
      (now ? first : rest).add(node);
      if (now) {
        early.addAll(node.outputs());
      }
    }
    return new Stages(first, rest);
  }

  /** Whether an operation needs known tensors and nothing else. */
  public static boolean isEarly(Node node, Set<Value> known) {
    return !node.inputs().isEmpty() && known.containsAll(node.inputs()) && isFixed(node);
  }

  /**
   * What the rest takes from the first stage, in the order in which it is made.
   *
   * @param outputs what is wanted in the end
   */
  public List<Value> handedOver(Collection<Value> outputs) {
    Set<Value> used = new HashSet<>(outputs);
    rest.forEach(node -> used.addAll(node.inputs()));
    Set<Value> handedOver = new LinkedHashSet<>();
    first.forEach(node -> handedOver.addAll(node.outputs()));
    handedOver.retainAll(used);
    return List.copyOf(handedOver);
  }

  private static boolean isFixed(Node node) {
    return node.outputs().stream()
        .flatMap(output -> output.type().shape().stream())
        .allMatch(Dim::isFixed);
  }
}
