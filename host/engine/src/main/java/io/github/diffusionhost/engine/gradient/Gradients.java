package io.github.diffusionhost.engine.gradient;

import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Appends the gradients of a program's output to the program (reverse accumulation).
 *
 * @param program the program with the operations of the backward pass
 * @param of the gradient of each input asked for; one that the output does not depend on has none
 */
public record Gradients(Program program, Map<Value, Value> of) {
  private static final Map<String, Rule> RULES = rules();

  /**
   * Differentiates.
   *
   * @param output the tensor that is differentiated
   * @param seed its gradient, of its type
   * @param wanted the inputs whose gradients are asked for
   * @throws NotTraceableException if an operator on the way has no rule
   */
  public static Gradients of(Program program, Value output, Value seed, List<Value> wanted) {
    return of(program, Map.of(output, seed), wanted);
  }

  /**
   * Differentiates several tensors together.
   *
   * @param seeds the gradient of each, of its type
   * @param wanted the inputs whose gradients, the sum of those by each tensor, are asked for
   * @throws NotTraceableException if an operator on the way has no rule
   */
  public static Gradients of(Program program, Map<Value, Value> seeds, List<Value> wanted) {
    Set<Value> active = active(program, wanted);
    Backward backward = new Backward(program, active);
    seeds.forEach(backward::give);
    List<Node> nodes = program.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      differentiate(nodes.get(i), backward, active);
    }
    Map<Value, Value> gradients = new HashMap<>();
    for (Value input : wanted) {
      Value gradient = backward.gradient(input);
      if (gradient != null) {
        gradients.put(input, gradient);
      }
    }
    return new Gradients(backward.program(), gradients);
  }

  private static void differentiate(Node node, Backward backward, Set<Value> active) {
    if (node.inputs().stream().noneMatch(active::contains)) {
      return;
    }
    if (node.op().equals("aten::split_with_sizes")) {
      ShapeRules.split(node, backward);
      return;
    }
    Value g = backward.gradient(node.output());
    if (g == null) {
      return;
    }
    Rule rule = RULES.get(node.op());
    if (rule == null) {
      throw new NotTraceableException(node.op() + " has no gradient here");
    }
    rule.apply(node, g, backward);
  }

  /** The tensors of real numbers that depend on the wanted inputs. */
  private static Set<Value> active(Program program, List<Value> wanted) {
    Set<Value> active = new HashSet<>();
    wanted.stream().filter(value -> value.type().isFloating()).forEach(active::add);
    for (Node node : program.nodes()) {
      if (!ElementwiseRules.CONSTANT.contains(node.op())
          && node.inputs().stream().anyMatch(active::contains)) {
        node.outputs().stream().filter(value -> value.type().isFloating()).forEach(active::add);
      }
    }
    return active;
  }

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new HashMap<>();
    ElementwiseRules.register(rules);
    FunctionRules.register(rules);
    ShapeRules.register(rules);
    ReductionRules.register(rules);
    LayerRules.register(rules);
    return rules;
  }
}
