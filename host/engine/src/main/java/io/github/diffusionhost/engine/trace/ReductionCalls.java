package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.program.Argument;
import java.lang.reflect.Method;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the methods that reduce an array record. */
final class ReductionCalls {
  private ReductionCalls() {}

  static @Nullable Object call(Traced x, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "sum" -> reduced(x, method, arguments, "aten::sum");
      case "mean" -> reduced(x, method, arguments, "aten::mean");
      case "max" -> reduced(x, method, arguments, "aten::amax");
      case "min" -> reduced(x, method, arguments, "aten::amin");
      case "norm" -> norm(x, method, arguments);
      default -> null;
    };
  }

  private static @Nullable Object reduced(Traced x, Method method, Object[] arguments, String op) {
    if (arguments.length == 1) {
      return null; // a default that leads to the form with keepDims
    }
    NDArray real = RealCall.array(x.real(), method, arguments);
    boolean all = arguments.length == 0;
    Argument axes = all ? everyAxis(x) : ArrayCalls.axes(x, (int[]) arguments[0]);
    Argument keep = Argument.of(!all && (boolean) arguments[1]);
    return x.recording().record(op, real, x.value(), axes, keep);
  }

  private static @Nullable Object norm(Traced x, Method method, Object[] arguments) {
    if (arguments.length == 1 && arguments[0] instanceof Boolean keep) {
      return x.recording()
          .record(
              "aten::linalg_vector_norm",
              RealCall.array(x.real(), method, arguments),
              x.value(),
              Argument.of(2.0),
              everyAxis(x),
              Argument.of(keep));
    } else if (arguments.length == 3) {
      return x.recording()
          .record(
              "aten::linalg_vector_norm",
              RealCall.array(x.real(), method, arguments),
              x.value(),
              Argument.of(((Integer) arguments[0]).doubleValue()),
              ArrayCalls.axes(x, (int[]) arguments[1]),
              Argument.of((boolean) arguments[2]));
    }
    return null;
  }

  private static Argument.Sizes everyAxis(Traced x) {
    return Argument.of(
        IntStream.range(0, x.real().getShape().dimension()).mapToLong(i -> i).toArray());
  }
}
