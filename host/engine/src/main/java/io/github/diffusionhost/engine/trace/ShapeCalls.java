package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the methods that rearrange an array record. */
final class ShapeCalls {
  private ShapeCalls() {}

  static @Nullable Object call(Traced x, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "reshape", "squeeze", "flatten", "expandDims" -> reshaped(x, method, arguments);
      case "transpose" -> transposed(x, method, arguments);
      case "swapAxes" ->
          x.recording()
              .recordView(
                  "aten::transpose",
                  x,
                  real(x, method, arguments),
                  x.value(),
                  Argument.of(ArrayCalls.axis(x, (int) arguments[0])),
                  Argument.of(ArrayCalls.axis(x, (int) arguments[1])));
      case "flip" ->
          x.recording()
              .record(
                  "aten::flip",
                  real(x, method, arguments),
                  x.value(),
                  ArrayCalls.axes(x, (int[]) arguments[0]));
      case "broadcast" -> broadcast(x, method, arguments);
      case "split" -> arguments.length == 2 ? split(x, method, arguments) : null;
      case "repeat" -> repeat(x, method, arguments);
      case "tile" ->
          arguments.length == 1 && arguments[0] instanceof long[] repeats
              ? x.recording()
                  .record(
                      "aten::repeat", real(x, method, arguments), x.value(), Argument.of(repeats))
              : null;
      default -> null;
    };
  }

  private static NDArray real(Traced x, Method method, Object[] arguments) {
    return RealCall.array(x.real(), method, arguments);
  }

  /** Every change of shape that leaves the elements in their order. */
  private static @Nullable Object reshaped(Traced x, Method method, Object[] arguments) {
    if (arguments.length == 1 && arguments[0] instanceof long[]) {
      return null; // a default that leads to reshape(Shape)
    }
    NDArray real = real(x, method, arguments);
    return x.recording()
        .recordView("aten::reshape", x, real, x.value(), ArrayCalls.sizes(real.getShape()));
  }

  private static NDArray transposed(Traced x, Method method, Object[] arguments) {
    int rank = x.real().getShape().dimension();
    int[] axes =
        arguments.length == 0
            ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
            : (int[]) arguments[0];
    return x.recording()
        .recordView(
            "aten::permute", x, real(x, method, arguments), x.value(), ArrayCalls.axes(x, axes));
  }

  private static @Nullable Object broadcast(Traced x, Method method, Object[] arguments) {
    if (!(arguments[0] instanceof Shape)) {
      return null;
    }
    NDArray real = real(x, method, arguments);
    return x.recording()
        .recordView("aten::expand", x, real, x.value(), ArrayCalls.sizes(real.getShape()));
  }

  /** Both forms: equal parts, and parts that begin at indices. */
  private static NDList split(Traced x, Method method, Object[] arguments) {
    int axis = ArrayCalls.axis(x, (int) arguments[1]);
    NDList reals = RealCall.arrays(x.real(), method, arguments);
    if (reals.size() == 1) {
      return new NDList(x.proxy());
    }
    List<TensorType> types = reals.stream().map(TensorType::of).toList();
    Argument.Sizes sizes =
        Argument.of(reals.stream().mapToLong(part -> part.getShape().get(axis)).toArray());
    List<Value> parts =
        x.recording().add("aten::split_with_sizes", types, x.value(), sizes, Argument.of(axis));
    List<NDArray> proxies = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      proxies.add(x.recording().proxy(reals.get(i), parts.get(i), x.storage()));
    }
    return new NDList(proxies);
  }

  private static @Nullable Object repeat(Traced x, Method method, Object[] arguments) {
    if (arguments.length != 2) {
      return null;
    }
    return x.recording()
        .record(
            "aten::repeat_interleave",
            real(x, method, arguments),
            x.value(),
            Argument.of((long) arguments[1]),
            Argument.of(ArrayCalls.axis(x, (int) arguments[0])));
  }
}
