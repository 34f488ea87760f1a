package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.Method;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the methods record that change each element by itself, in place or not. */
final class ElementwiseCalls {
  private static final Map<String, String> UNARY =
      Map.ofEntries(
          same("neg"),
          same("abs"),
          same("square"),
          same("sqrt"),
          same("floor"),
          same("ceil"),
          same("round"),
          same("trunc"),
          same("exp"),
          same("log"),
          same("sin"),
          same("cos"),
          same("tan"),
          same("asin"),
          same("acos"),
          same("atan"),
          same("sinh"),
          same("cosh"),
          same("tanh"),
          same("sign"),
          same("erf"),
          same("log2"),
          same("log10"),
          Map.entry("logicalNot", "logical_not"),
          Map.entry("isNaN", "isnan"),
          Map.entry("isInfinite", "isinf"));
  private static final Map<String, String> BINARY =
      Map.ofEntries(
          same("add"),
          same("sub"),
          same("mul"),
          same("div"),
          same("pow"),
          same("eq"),
          Map.entry("neq", "ne"),
          same("gt"),
          Map.entry("gte", "ge"),
          same("lt"),
          Map.entry("lte", "le"),
          same("maximum"),
          same("minimum"),
          Map.entry("mod", "remainder"),
          same("atan2"),
          Map.entry("logicalAnd", "logical_and"),
          Map.entry("logicalOr", "logical_or"),
          Map.entry("logicalXor", "logical_xor"));
  private static final Map<String, String> IN_PLACE =
      Map.of(
          "addi", "add", "subi", "sub", "muli", "mul", "divi", "div", "powi", "pow", "modi", "mod",
          "negi", "neg", "signi", "sign");

  private ElementwiseCalls() {}

  private static Map.Entry<String, String> same(String name) {
    return Map.entry(name, name);
  }

  /** What is recorded; null if it is another method. */
  static @Nullable NDArray call(Traced x, Method method, Object[] arguments) {
    String name = method.getName();
    String inPlace = IN_PLACE.get(name);
    if (inPlace != null) {
      return changed(x, method, inPlace, arguments);
    }
    return UNARY.containsKey(name) || BINARY.containsKey(name)
        ? elementwise(x, method, name, arguments)
        : null;
  }

  private static NDArray elementwise(Traced x, Method method, String name, Object[] arguments) {
    NDArray real = RealCall.array(x.real(), method, name, arguments);
    if (arguments.length == 0) {
      return x.recording().record("aten::" + UNARY.get(name), real, x.value());
    }
    String op = "aten::" + BINARY.get(name);
    if (arguments[0] instanceof Number number) {
      return Scalars.record(x, op, real, number);
    }
    Traced other = x.recording().traced((NDArray) arguments[0]);
    return x.recording().record(op, real, x.value(), other.value());
  }

  /** A change in place keeps the shape and the data type. */
  private static NDArray changed(Traced x, Method method, String name, Object[] arguments) {
    NDArray real = RealCall.array(x.real().duplicate(), method, arguments);
    Traced result = x.recording().traced(elementwise(x, method, name, arguments));
    Value value = result.value();
    DataType type = real.getDataType();
    if (value.type().type() != type) {
      value = x.recording().add("aten::to", value.type().as(type), value, new Argument.Type(type));
    }
    return x.become(real, value, "NDArray." + method.getName());
  }
}
