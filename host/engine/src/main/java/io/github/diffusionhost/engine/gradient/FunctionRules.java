package io.github.diffusionhost.engine.gradient;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Value;
import java.util.Map;

/** Gradients of functions of one number, element by element. */
final class FunctionRules {
  private FunctionRules() {}

  static void register(Map<String, Rule> rules) {
    rules.put("aten::abs", (n, g, b) -> b.give(n.input(0), b.mul(g, unary(b, "sign", n.input(0)))));
    rules.put(
        "aten::square",
        (n, g, b) -> b.give(n.input(0), b.mul(b.mul(g, n.input(0)), Argument.of(2.0))));
    rules.put(
        "aten::sqrt",
        (n, g, b) -> {
          Value twice = b.mul(n.output(), Argument.of(2.0));
          b.give(n.input(0), b.add("aten::div", g.type(), g, twice));
        });
    rules.put("aten::exp", (n, g, b) -> b.give(n.input(0), b.mul(g, n.output())));
    rules.put(
        "aten::log", (n, g, b) -> b.give(n.input(0), b.add("aten::div", g.type(), g, n.input(0))));
    logarithm(rules, "log2", 2);
    logarithm(rules, "log10", 10);
    rules.put("aten::sin", (n, g, b) -> b.give(n.input(0), b.mul(g, unary(b, "cos", n.input(0)))));
    rules.put(
        "aten::cos", (n, g, b) -> b.give(n.input(0), b.neg(b.mul(g, unary(b, "sin", n.input(0))))));
    inverseTrigonometry(rules);
    rules.put(
        "aten::tan",
        (n, g, b) -> {
          Value square = b.mul(n.output(), n.output());
          b.give(n.input(0), b.mul(g, b.add("aten::add", g.type(), square, Argument.of(1.0))));
        });
    rules.put(
        "aten::sinh", (n, g, b) -> b.give(n.input(0), b.mul(g, unary(b, "cosh", n.input(0)))));
    rules.put(
        "aten::cosh", (n, g, b) -> b.give(n.input(0), b.mul(g, unary(b, "sinh", n.input(0)))));
    rules.put(
        "aten::erf",
        (n, g, b) -> {
          Value x = n.input(0);
          Value bell = unary(b, "exp", b.neg(b.mul(x, x)));
          b.give(x, b.mul(b.mul(g, bell), Argument.of(2 / Math.sqrt(Math.PI))));
        });
  }

  private static void logarithm(Map<String, Rule> rules, String op, double base) {
    rules.put(
        "aten::" + op,
        (n, g, b) -> {
          Value scaled = b.mul(n.input(0), Argument.of(Math.log(base)));
          b.give(n.input(0), b.add("aten::div", g.type(), g, scaled));
        });
  }

  private static void inverseTrigonometry(Map<String, Rule> rules) {
    rules.put("aten::asin", (n, g, b) -> b.give(n.input(0), overCircle(n, g, b)));
    rules.put("aten::acos", (n, g, b) -> b.give(n.input(0), b.neg(overCircle(n, g, b))));
    rules.put(
        "aten::atan",
        (n, g, b) -> {
          Value square = b.mul(n.input(0), n.input(0));
          Value sum = b.add("aten::add", g.type(), square, Argument.of(1.0));
          b.give(n.input(0), b.add("aten::div", g.type(), g, sum));
        });
    rules.put(
        "aten::atan2",
        (n, g, b) -> {
          Value y = n.input(0);
          Value x = n.input(1);
          Value squares = b.add("aten::add", g.type(), b.mul(y, y), b.mul(x, x));
          Value share = b.add("aten::div", g.type(), g, squares);
          b.give(y, b.mul(share, x));
          if (b.wants(x)) {
            b.give(x, b.neg(b.mul(share, y)));
          }
        });
  }

  /** {@code g / sqrt(1 − x²)}. */
  private static Value overCircle(Node n, Value g, Backward b) {
    Value square = b.mul(n.input(0), n.input(0));
    Value rest = b.add("aten::add", g.type(), b.neg(square), Argument.of(1.0));
    return b.add("aten::div", g.type(), g, unary(b, "sqrt", rest));
  }

  static Value unary(Backward b, String op, Value x) {
    return b.add("aten::" + op, x.type(), x);
  }
}
