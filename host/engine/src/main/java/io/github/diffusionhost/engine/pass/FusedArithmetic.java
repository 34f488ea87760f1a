package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes {@code a + p·q} in one pass over memory where the product is used nowhere else: {@code
 * addcmul}, or {@code add} with a factor.
 */
public final class FusedArithmetic implements Pass {
  @Override
  public Program apply(Program program) {
    Map<Value, Integer> uses = uses(program);
    Map<Value, Node> products = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : program.nodes()) {
      if (node.op().equals("aten::mul") && node.output().type().isFloating()) {
        products.put(node.output(), node);
      }
      nodes.add(fused(node, products, uses));
    }
    return new DeadCode().apply(program.with(nodes));
  }

  private static Node fused(Node node, Map<Value, Node> products, Map<Value, Integer> uses) {
    boolean sum = node.op().equals("aten::add");
    if (!(sum || node.op().equals("aten::sub"))
        || node.arguments().size() != 2
        || !node.named().isEmpty()
        || !(node.arguments().get(0) instanceof Value left)
        || !(node.arguments().get(1) instanceof Value right)) {
      return node;
    }
    Node fused = fused(node, left, products.get(right), uses, sum ? 1 : -1);
    if (fused == null && sum) {
      fused = fused(node, right, products.get(left), uses, 1);
    }
    return fused == null ? node : fused;
  }

  private static @org.jspecify.annotations.Nullable Node fused(
      Node node,
      Value term,
      @org.jspecify.annotations.Nullable Node product,
      Map<Value, Integer> uses,
      int sign) {
    if (product == null
        || uses.getOrDefault(product.output(), 0) != 1
        || !sameType(node, term, product)) {
      return null;
    }
    Argument p = product.arguments().get(0);
    Argument q = product.arguments().get(1);
    if (q instanceof Value) {
      Map<String, Argument> value = sign == 1 ? Map.of() : Map.of("value", Argument.of(sign));
      return new Node("aten::addcmul", List.of(term, p, q), value, node.outputs());
    } else if (q instanceof Argument.Real factor) {
      return new Node(
          "aten::add",
          List.of(term, p),
          Map.of("alpha", Argument.of(sign * factor.value())),
          node.outputs());
    }
    return null;
  }

  /** The kernels take one element type. */
  private static boolean sameType(Node node, Value term, Node product) {
    return term.type().type() == node.output().type().type()
        && product.inputs().stream()
            .allMatch(value -> value.type().type() == node.output().type().type());
  }

  private static Map<Value, Integer> uses(Program program) {
    Map<Value, Integer> uses = new HashMap<>();
    program.nodes().forEach(n -> n.inputs().forEach(value -> uses.merge(value, 1, Integer::sum)));
    program.outputs().forEach(value -> uses.merge(value, 2, Integer::sum));
    return uses;
  }
}
