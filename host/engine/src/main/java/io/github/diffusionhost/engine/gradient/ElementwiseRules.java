package io.github.diffusionhost.engine.gradient;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import java.util.Map;
import java.util.Set;

/** Gradients of arithmetic, activations and choices, element by element. */
final class ElementwiseRules {
  /** Operators through which no gradient goes. */
  static final Set<String> CONSTANT =
      Set.of(
          "aten::detach",
          "aten::floor",
          "aten::ceil",
          "aten::round",
          "aten::trunc",
          "aten::sign",
          "aten::eq",
          "aten::ne",
          "aten::gt",
          "aten::ge",
          "aten::lt",
          "aten::le",
          "aten::logical_not",
          "aten::logical_and",
          "aten::logical_or",
          "aten::logical_xor",
          "aten::isnan",
          "aten::isinf");

  private static final double SELU_ALPHA = 1.6732632423543772;
  private static final double SELU_SCALE = 1.0507009873554805;

  private ElementwiseRules() {}

  static void register(Map<String, Rule> rules) {
    arithmetic(rules);
    activations(rules);
    choices(rules);
  }

  private static void arithmetic(Map<String, Rule> rules) {
    rules.put(
        "aten::add",
        (n, g, b) -> {
          b.give(n.arguments().get(0), g);
          b.give(n.arguments().get(1), g);
        });
    rules.put(
        "aten::sub",
        (n, g, b) -> {
          b.give(n.arguments().get(0), g);
          if (b.wants(n.arguments().get(1))) {
            b.give(n.arguments().get(1), b.neg(g));
          }
        });
    rules.put(
        "aten::mul",
        (n, g, b) -> {
          if (b.wants(n.arguments().get(0))) {
            b.give(n.arguments().get(0), b.mul(g, n.arguments().get(1)));
          }
          if (b.wants(n.arguments().get(1))) {
            b.give(n.arguments().get(1), b.mul(g, n.arguments().get(0)));
          }
        });
    rules.put(
        "aten::div",
        (n, g, b) -> {
          Argument divisor = n.arguments().get(1);
          Value quotient = b.add("aten::div", g.type(), g, divisor);
          b.give(n.arguments().get(0), quotient);
          if (divisor instanceof Value by && b.wants(by)) {
            // Negated when it is summed: a divisor is often a norm, far smaller than the rest.
            b.give(by, b.neg(b.sumTo(b.mul(quotient, n.output()), by.type())));
          }
        });
    rules.put("aten::remainder", ElementwiseRules::remainder);
    rules.put("aten::neg", (n, g, b) -> b.give(n.input(0), b.neg(g)));
    rules.put("aten::pow", ElementwiseRules::power);
    rules.put("aten::to", (n, g, b) -> b.give(n.input(0), g));
    rules.put("aten::contiguous", (n, g, b) -> b.give(n.input(0), g));
    rules.put("aten::clone", (n, g, b) -> b.give(n.input(0), g));
  }

  /** x − y·floor(x/y). */
  private static void remainder(Node n, Value g, Backward b) {
    Argument divisor = n.arguments().get(1);
    b.give(n.arguments().get(0), g);
    if (b.wants(divisor)) {
      Value whole =
          FunctionRules.unary(b, "floor", b.add("aten::div", g.type(), n.input(0), divisor));
      b.give(divisor, b.neg(b.mul(g, whole)));
    }
  }

  private static void power(Node n, Value g, Backward b) {
    Value x = n.input(0);
    Argument exponent = n.arguments().get(1);
    if (exponent instanceof Value power) {
      if (b.wants(x)) {
        Value lower = b.add("aten::sub", power.type(), power, Argument.of(1.0));
        Value slope = b.mul(b.add("aten::pow", g.type(), x, lower), power);
        b.give(x, b.mul(g, slope));
      }
      if (b.wants(power)) {
        Value log = b.add("aten::log", x.type(), x);
        b.give(power, b.mul(b.mul(g, n.output()), log));
      }
      return;
    }
    if (exponent instanceof Argument.Size size && !size.dim().isFixed()) {
      throw new NotTraceableException("a power that depends on the batch has no gradient here");
    }
    double p =
        exponent instanceof Argument.Size size
            ? size.dim().fixed()
            : ((Argument.Real) exponent).value();
    Value slope = b.add("aten::pow", x.type(), x, Argument.of(p - 1));
    b.give(x, b.mul(g, b.mul(slope, Argument.of(p))));
  }

  private static void activations(Map<String, Rule> rules) {
    rules.put("aten::tanh", (n, g, b) -> given(n, g, b, "tanh_backward", n.output()));
    rules.put("aten::sigmoid", (n, g, b) -> given(n, g, b, "sigmoid_backward", n.output()));
    rules.put("aten::silu", (n, g, b) -> given(n, g, b, "silu_backward", n.input(0)));
    rules.put("aten::gelu", (n, g, b) -> given(n, g, b, "gelu_backward", n.input(0)));
    rules.put(
        "aten::relu",
        (n, g, b) -> given(n, g, b, "threshold_backward", n.output(), Argument.of(0)));
    rules.put(
        "aten::softplus",
        (n, g, b) ->
            given(n, g, b, "softplus_backward", n.input(0), Argument.of(1), Argument.of(20)));
    rules.put(
        "aten::leaky_relu",
        (n, g, b) ->
            given(
                n,
                g,
                b,
                "leaky_relu_backward",
                n.input(0),
                n.arguments().get(1),
                Argument.of(false)));
    rules.put("aten::elu", (n, g, b) -> elu(n, g, b, n.arguments().get(1), Argument.of(1.0)));
    rules.put(
        "aten::selu", (n, g, b) -> elu(n, g, b, Argument.of(SELU_ALPHA), Argument.of(SELU_SCALE)));
  }

  private static void elu(Node n, Value g, Backward b, Argument alpha, Argument scale) {
    given(n, g, b, "elu_backward", alpha, scale, Argument.of(1.0), Argument.of(false), n.input(0));
  }

  private static void choices(Map<String, Rule> rules) {
    rules.put("aten::clamp_min", (n, g, b) -> masked(n, g, b, mask(b, "ge", n)));
    rules.put("aten::clamp_max", (n, g, b) -> masked(n, g, b, mask(b, "le", n)));
    rules.put(
        "aten::clamp",
        (n, g, b) -> {
          if (n.input(0).type().type() == DataType.FLOAT32 && clampedAtOnce(n, g, b)) {
            return;
          }
          Value above = compared(b, "ge", n.input(0), n.arguments().get(1));
          Value below = compared(b, "le", n.input(0), n.arguments().get(2));
          masked(n, g, b, b.add("aten::logical_and", above.type(), above, below));
        });
    rules.put("aten::maximum", (n, g, b) -> larger(n, g, b, "ge"));
    rules.put("aten::minimum", (n, g, b) -> larger(n, g, b, "le"));
    rules.put(
        "aten::where",
        (n, g, b) -> {
          Value chosen = b.cast(n.input(0), g.type().type());
          b.give(n.arguments().get(1), b.mul(g, chosen));
          if (b.wants(n.arguments().get(2))) {
            Value other = b.add("aten::logical_not", n.input(0).type(), n.input(0));
            b.give(n.arguments().get(2), b.mul(g, b.cast(other, g.type().type())));
          }
        });
  }

  /** Where both are equal the gradient is the first one's, as a rule a parameter's floor. */
  private static void larger(Node n, Value g, Backward b, String comparison) {
    TensorType type = g.type();
    Value first =
        b.add("aten::" + comparison, type.as(DataType.BOOLEAN), n.input(0), n.arguments().get(1));
    b.give(n.input(0), b.mul(g, b.cast(first, type.type())));
    if (b.wants(n.arguments().get(1))) {
      Value second = b.add("aten::logical_not", first.type(), first);
      b.give(n.arguments().get(1), b.mul(g, b.cast(second, type.type())));
    }
  }

  /**
   * One operation for the gradient between two numbers. That of {@code hardtanh} is 0 at the bounds
   * themselves, where that of {@code clamp} is not: the bounds are moved by one float.
   */
  private static boolean clampedAtOnce(Node n, Value g, Backward b) {
    if (n.arguments().get(1) instanceof Argument.Real least
        && n.arguments().get(2) instanceof Argument.Real most) {
      Argument below = Argument.of((double) Math.nextDown((float) least.value()));
      Argument above = Argument.of((double) Math.nextUp((float) most.value()));
      b.give(n.input(0), b.add("aten::hardtanh_backward", g.type(), g, n.input(0), below, above));
      return true;
    }
    return false;
  }

  private static Value mask(Backward b, String comparison, Node n) {
    return compared(b, comparison, n.input(0), n.arguments().get(1));
  }

  private static Value compared(Backward b, String comparison, Value x, Argument bound) {
    return b.add("aten::" + comparison, x.type().as(DataType.BOOLEAN), x, bound);
  }

  private static void masked(Node n, Value g, Backward b, Value mask) {
    b.give(n.input(0), b.mul(g, b.cast(mask, g.type().type())));
  }

  private static void given(Node n, Value g, Backward b, String op, Argument... more) {
    Argument[] all = new Argument[more.length + 1];
    all[0] = g;
    System.arraycopy(more, 0, all, 1, more.length);
    b.give(n.input(0), b.add("aten::" + op, n.input(0).type(), all));
  }
}
