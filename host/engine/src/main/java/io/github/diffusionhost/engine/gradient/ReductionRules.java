package io.github.diffusionhost.engine.gradient;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.List;
import java.util.Map;

/** Gradients of sums, means, extremes, norms and softmax. */
final class ReductionRules {
  private ReductionRules() {}

  static void register(Map<String, Rule> rules) {
    rules.put("aten::sum", (n, g, b) -> b.give(n.input(0), spread(n, g, b, 1)));
    rules.put("aten::mean", ReductionRules::mean);
    rules.put("aten::amax", ReductionRules::extreme);
    rules.put("aten::amin", ReductionRules::extreme);
    rules.put("aten::linalg_vector_norm", ReductionRules::norm);
    rules.put("aten::softmax", (n, g, b) -> softmax(n, g, b, "aten::_softmax_backward_data"));
    rules.put(
        "aten::log_softmax", (n, g, b) -> softmax(n, g, b, "aten::_log_softmax_backward_data"));
    rules.put("aten::cumsum", ReductionRules::cumulative);
  }

  /** A reduced tensor, seen as large as the input; its axes are argument {@code at}. */
  private static Value spread(Node n, Value reduced, Backward b, int at) {
    TensorType type = n.input(0).type();
    TensorType kept = type;
    for (Dim axis : ((Argument.Sizes) n.arguments().get(at)).dims()) {
      kept = kept.with((int) axis.fixed(), Dim.of(1));
    }
    return b.expand(b.reshape(reduced, kept.shape()), type.shape());
  }

  private static void mean(Node n, Value g, Backward b) {
    Dim count = Dim.of(1);
    for (Dim axis : ((Argument.Sizes) n.arguments().get(1)).dims()) {
      count = count.times(n.input(0).type().dim((int) axis.fixed()));
    }
    Value share = b.add("aten::div", g.type(), g, new Argument.Size(count));
    b.give(n.input(0), spread(n, share, b, 1));
  }

  /** Equal extremes share the gradient. */
  private static void extreme(Node n, Value g, Backward b) {
    Value x = n.input(0);
    Value hits = b.add("aten::eq", ShapeRules.mask(x.type()), x, spread(n, n.output(), b, 1));
    Value ones = b.cast(hits, x.type().type());
    List<Integer> axes =
        ((Argument.Sizes) n.arguments().get(1)).dims().stream().map(d -> (int) d.fixed()).toList();
    Value share = b.add("aten::div", x.type(), ones, b.sum(ones, axes));
    b.give(x, b.mul(share, spread(n, g, b, 1)));
  }

  /** The norm of zeros, which has no gradient, gets none. */
  private static void norm(Node n, Value g, Backward b) {
    if (((Argument.Real) n.arguments().get(1)).value() != 2) {
      throw new io.github.diffusionhost.engine.trace.NotTraceableException(
          "a norm other than the Euclidean one has no gradient here");
    }
    Value zero = b.add("aten::eq", ShapeRules.mask(g.type()), n.output(), Argument.of(0.0));
    Value ratio = b.add("aten::div", g.type(), g, n.output());
    Value share = b.add("aten::masked_fill", g.type(), ratio, zero, Argument.of(0.0));
    b.give(n.input(0), b.mul(n.input(0), spread(n, share, b, 2)));
  }

  private static void softmax(Node n, Value g, Backward b, String op) {
    TensorType type = n.input(0).type();
    b.give(
        n.input(0),
        b.add(op, type, g, n.output(), n.arguments().get(1), new Argument.Type(type.type())));
  }

  private static void cumulative(Node n, Value g, Backward b) {
    Argument.Size axis = (Argument.Size) n.arguments().get(1);
    Argument.Sizes axes = new Argument.Sizes(List.of(axis.dim()));
    Value flipped = b.add("aten::flip", g.type(), g, axes);
    Value sums = b.add("aten::cumsum", g.type(), flipped, axis);
    b.give(n.input(0), b.add("aten::flip", g.type(), sums, axes));
  }
}
