package io.github.diffusionhost.engine.compile;

import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Stages;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A forward pass in two: the functions of weights alone, such as normalised weights, and the rest.
 * By the chain rule the former need computing and differentiating once for all parts of a batch,
 * with the sum of the parts' gradients.
 *
 * <p>Weights as they are, or in another shape, belong to the rest, and so does what is rounded to a
 * smaller type: gradients of the parts add up in the type of the weights.
 *
 * @param before from weights to the results, its outputs
 * @param rest has the results as further inputs
 */
record WeightFunctions(Program before, Program rest) {
  /**
   * Divides a forward pass.
   *
   * @param weights those that no part of a batch changes
   */
  static WeightFunctions of(Program forward, Collection<Value> weights) {
    Set<Value> plain = new HashSet<>(weights);
    plain.addAll(forward.constants().keySet());
    Set<Value> known = new HashSet<>(plain);
    List<Node> before = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Node node : forward.nodes()) {
      boolean early = Stages.isEarly(node, known) && !node.op().equals("aten::to");
      boolean view = early && node.isView() && plain.containsAll(node.inputs());
      if (early) {
        before.add(node);
        known.addAll(node.outputs());
      }
      if (view) {
        plain.addAll(node.outputs());
      }
      if (view || !early) {
        rest.add(node);
      }
    }
    List<Value> results =
        new Stages(before, rest)
            .handedOver(forward.outputs()).stream()
                .filter(value -> !plain.contains(value))
                .toList();
    List<Value> inputs = Stream.concat(forward.inputs().stream(), results.stream()).toList();
    return new WeightFunctions(
        forward.with(before, results),
        new Program(inputs, forward.constants(), rest, forward.outputs()));
  }
}
