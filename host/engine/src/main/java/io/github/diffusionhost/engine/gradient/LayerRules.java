package io.github.diffusionhost.engine.gradient;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gradients of products, convolutions, norms and pooling. */
final class LayerRules {
  private LayerRules() {}

  static void register(Map<String, Rule> rules) {
    rules.put("aten::linear", LayerRules::linear);
    rules.put("aten::matmul", LayerRules::matmul);
    rules.put("aten::convolution", LayerRules::convolution);
    rules.put("aten::native_layer_norm", LayerRules::layerNorm);
    rules.put("aten::native_group_norm", LayerRules::groupNorm);
    rules.put("aten::max_pool2d_with_indices", LayerRules::maxPool);
    rules.put("aten::avg_pool2d", LayerRules::avgPool);
    rules.put("aten::_scaled_dot_product_flash_attention_for_cpu", LayerRules::fusedAttention);
    rules.put("host::rms_norm", LayerRules::rmsNorm);
    rules.put("host::rotate", LayerRules::rotate);
  }

  private static void linear(Node n, Value g, Backward b) {
    Value x = n.input(0);
    Value weight = n.input(1);
    Value rows = asMatrix(g, b);
    if (b.wants(x)) {
      TensorType type = rows.type().with(1, weight.type().dim(1));
      b.give(x, b.reshape(b.add("aten::mm", type, rows, weight), x.type().shape()));
    }
    if (b.wants(weight)) {
      b.give(weight, b.add("aten::mm", weight.type(), b.transposed(rows), asMatrix(x, b)));
    }
    if (n.arguments().size() > 2) {
      b.give(n.arguments().get(2), rows);
    }
  }

  /** All but the last dimension as one. */
  private static Value asMatrix(Value x, Backward b) {
    TensorType type = x.type();
    return b.reshape(x, List.of(type.product(0, type.rank() - 1), type.dim(-1)));
  }

  private static void matmul(Node n, Value g, Backward b) {
    Value left = n.input(0);
    Value right = n.input(1);
    if (left.type().rank() < 2 || right.type().rank() < 2) {
      throw new NotTraceableException("matMul of a vector has no gradient here");
    }
    if (right.type().rank() == 2 && left.type().rank() > 2) {
      Value rows = asMatrix(g, b);
      if (b.wants(left)) {
        TensorType type = rows.type().with(1, right.type().dim(0));
        Value product = b.add("aten::mm", type, rows, b.transposed(right));
        b.give(left, b.reshape(product, left.type().shape()));
      }
      if (b.wants(right)) {
        b.give(right, b.add("aten::mm", right.type(), b.transposed(asMatrix(left, b)), rows));
      }
      return;
    }
    if (b.wants(left)) {
      TensorType type = g.type().with(-1, left.type().dim(-1));
      b.give(left, b.add("aten::matmul", type, g, b.transposed(right)));
    }
    if (b.wants(right)) {
      TensorType type = g.type().with(-2, right.type().dim(-2));
      b.give(right, b.add("aten::matmul", type, b.transposed(left), g));
    }
  }

  private static void convolution(Node n, Value g, Backward b) {
    Value x = n.input(0);
    Value weight = n.input(1);
    Argument bias = n.arguments().get(2);
    Dim channels = g.type().dim(1);
    List<Argument> all = new ArrayList<>(List.of(g, x, weight));
    all.add(bias instanceof Value ? new Argument.Sizes(List.of(channels)) : Argument.Marker.NONE);
    all.addAll(n.arguments().subList(3, n.arguments().size()));
    all.add(new Argument.Flags(List.of(b.wants(x), b.wants(weight), b.wants(bias))));
    List<Value> gradients =
        b.add(
            "aten::convolution_backward",
            List.of(x.type(), weight.type(), new TensorType(g.type().type(), List.of(channels))),
            all.toArray(new Argument[0]));
    b.give(x, gradients.get(0));
    b.give(weight, gradients.get(1));
    b.give(bias, gradients.get(2));
  }

  private static void layerNorm(Node n, Value g, Backward b) {
    Argument weight = n.arguments().get(2);
    Argument bias = n.arguments().get(3);
    TensorType affine =
        weight instanceof Value value ? value.type() : g.type().shaped(List.of(g.type().dim(-1)));
    List<Value> gradients =
        b.add(
            "aten::native_layer_norm_backward",
            List.of(n.input(0).type(), affine, affine),
            g,
            n.input(0),
            n.arguments().get(1),
            n.outputs().get(1),
            n.outputs().get(2),
            weight,
            bias,
            mask(b, n.input(0), weight, bias));
    b.give(n.input(0), gradients.get(0));
    b.give(weight, gradients.get(1));
    b.give(bias, gradients.get(2));
  }

  private static void groupNorm(Node n, Value g, Backward b) {
    Argument weight = n.arguments().get(1);
    Argument bias = n.arguments().get(2);
    TensorType affine = g.type().shaped(List.of(g.type().dim(1)));
    List<Value> gradients =
        b.add(
            "aten::native_group_norm_backward",
            List.of(n.input(0).type(), affine, affine),
            b.add("aten::contiguous", g.type(), g),
            n.input(0),
            n.outputs().get(1),
            n.outputs().get(2),
            weight,
            n.arguments().get(3),
            n.arguments().get(4),
            n.arguments().get(5),
            n.arguments().get(6),
            mask(b, n.input(0), weight, bias));
    b.give(n.input(0), gradients.get(0));
    b.give(weight, gradients.get(1));
    b.give(bias, gradients.get(2));
  }

  private static void fusedAttention(Node n, Value g, Backward b) {
    Value q = n.input(0);
    Value k = n.input(1);
    Value v = n.input(2);
    List<Value> gradients =
        b.add(
            "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
            List.of(q.type(), k.type(), v.type()),
            b.add("aten::contiguous", g.type(), g),
            q,
            k,
            v,
            n.outputs().get(0),
            n.outputs().get(1),
            n.arguments().get(3),
            n.arguments().get(4));
    b.give(q, gradients.get(0));
    b.give(k, gradients.get(1));
    b.give(v, gradients.get(2));
  }

  private static Argument.Flags mask(Backward b, Argument x, Argument weight, Argument bias) {
    return new Argument.Flags(List.of(b.wants(x), b.wants(weight), b.wants(bias)));
  }

  /** y = x·r·w with r = (mean(x²) + eps)^-½: dx = r·(gw − x·r²·mean(gw·x)), gw = g·w. */
  private static void rmsNorm(Node n, Value g, Backward b) {
    Value x = n.input(0);
    Value r = n.outputs().get(1);
    Argument weight = n.arguments().get(1);
    if (b.wants(weight)) {
      b.give(weight, b.mul(g, b.mul(x, r)));
    }
    if (b.wants(x)) {
      Value scaled = weight instanceof Value ? b.mul(g, weight) : g;
      int last = x.type().rank() - 1;
      Value dot = b.sum(b.mul(scaled, x), List.of(last));
      Value square = b.mul(r, r);
      Value pull =
          b.add(
              "aten::div",
              r.type(),
              b.mulAs(r.type(), square, b.cast(dot, r.type().type())),
              new Argument.Size(x.type().dim(last)));
      Value inner = b.add("aten::sub", g.type(), scaled, b.mulAs(g.type(), x, pull));
      b.give(x, b.mul(inner, r));
    }
  }

  /** A rotation's inverse turns the other way. */
  private static void rotate(Node n, Value g, Backward b) {
    if (b.wants(n.arguments().get(1)) || b.wants(n.arguments().get(2))) {
      throw new NotTraceableException("the angles of a rotation have no gradient here");
    }
    b.give(n.input(0), b.add("host::rotate", g.type(), g, n.input(1), b.neg(n.input(2))));
  }

  private static void maxPool(Node n, Value g, Backward b) {
    Value x = n.input(0);
    b.give(
        x,
        b.add(
            "aten::max_pool2d_with_indices_backward",
            x.type(),
            g,
            x,
            n.arguments().get(1),
            n.arguments().get(2),
            n.arguments().get(3),
            n.arguments().get(4),
            n.arguments().get(5),
            n.outputs().get(1)));
  }

  private static void avgPool(Node n, Value g, Backward b) {
    Value x = n.input(0);
    List<Argument> all = new ArrayList<>(List.of(g, x));
    all.addAll(n.arguments().subList(1, n.arguments().size()));
    b.give(x, b.add("aten::avg_pool2d_backward", x.type(), all.toArray(new Argument[0])));
  }
}
