package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDUtils;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the methods of {@link NDArrayEx} record: layers and activations. */
final class LayerCalls {
  private LayerCalls() {}

  static @Nullable Object call(Traced x, Object self, Method method, Object[] arguments)
      throws Throwable {
    Recording recording = x.recording();
    String name = method.getName();
    return switch (name) {
      case "getArray" -> x.proxy();
      case "relu", "sigmoid", "tanh", "selu", "gelu" ->
          simple(x, method, arguments, "aten::" + name);
      case "softSign" -> x.proxy().div(x.proxy().abs().add(1));
      case "softPlus" -> simple(x, method, arguments, "aten::softplus");
      case "leakyRelu" -> simple(x, method, arguments, "aten::leaky_relu", number(arguments[0]));
      case "elu" -> simple(x, method, arguments, "aten::elu", number(arguments[0]));
      case "rsub" ->
          arguments[0] instanceof Number number
              ? x.proxy().neg().add(number)
              : ((NDArray) arguments[0]).sub(x.proxy());
      case "rdiv" ->
          arguments[0] instanceof Number number
              ? divided(x, method, number)
              : ((NDArray) arguments[0]).div(x.proxy());
      case "linear" -> layer(recording, x, method, arguments, "aten::linear", List.of());
      case "convolution" ->
          layer(recording, x, method, arguments, "aten::convolution", convolution(arguments));
      case "layerNorm" -> layerNorm(recording, x, method, arguments);
      case "embedding" -> embedding(recording, x, method, arguments);
      case "dropout" -> dropout(arguments);
      case "maxPool", "avgPool" -> pooled(x, method, arguments);
      case "globalAvgPool" -> globalMean(x);
      case "stack", "concat" ->
          arguments.length == 2
              ? joined(recording, x, method, arguments)
              : defaulted(self, method, arguments);
      case "where" -> where(recording, x, method, arguments);
      default -> {
        if (method.isDefault()) {
          yield defaulted(self, method, arguments);
        }
        throw new NotTraceableException("NDArrayEx." + name + " cannot be recorded");
      }
    };
  }

  private static @Nullable Object defaulted(Object self, Method method, Object[] arguments)
      throws Throwable {
    return InvocationHandler.invokeDefault(self, method, arguments);
  }

  private static NDArray real(Traced x, Method method, Object[] arguments) {
    return RealCall.array(x.real().getNDArrayInternal(), method, arguments);
  }

  private static NDList reals(Traced x, Method method, Object[] arguments) {
    return RealCall.arrays(x.real().getNDArrayInternal(), method, arguments);
  }

  private static NDArray simple(
      Traced x, Method method, Object[] arguments, String op, Argument... more) {
    List<Argument> all = new ArrayList<>(List.of(x.value()));
    all.addAll(List.of(more));
    NDArray real = real(x, method, arguments);
    return x.recording().record(op, real, all.toArray(new Argument[0]));
  }

  /** A number by an array; DJL first gives the number the array's type. */
  private static NDArray divided(Traced x, Method method, Number number) {
    NDArray quotient = real(x, method, new Object[] {number});
    NDArray inverse = x.proxy().toType(quotient.getDataType(), false).pow(-1);
    return switch (x.value().type().type()) {
      case FLOAT64 -> inverse.mul(number.doubleValue());
      case FLOAT32, FLOAT16 -> inverse.mul(number.floatValue());
      default -> inverse.mul(number.longValue());
    };
  }

  private static Argument number(Object value) {
    return Argument.of(((Number) value).doubleValue());
  }

  private static Argument optional(Recording recording, @Nullable Object array) {
    return array == null ? Argument.Marker.NONE : recording.traced((NDArray) array).value();
  }

  /** Input, weight and bias, then the layer's own numbers. */
  private static NDList layer(
      Recording recording,
      Traced x,
      Method method,
      Object[] arguments,
      String op,
      List<Argument> more) {
    NDList real = reals(x, method, arguments);
    List<Argument> all = new ArrayList<>();
    all.add(recording.traced((NDArray) arguments[0]).value());
    all.add(recording.traced((NDArray) arguments[1]).value());
    all.add(optional(recording, arguments[2]));
    all.addAll(more);
    return new NDList(recording.record(op, real.singletonOrThrow(), all.toArray(new Argument[0])));
  }

  private static List<Argument> convolution(Object[] arguments) {
    Shape stride = (Shape) arguments[3];
    return List.of(
        ArrayCalls.sizes(stride),
        ArrayCalls.sizes((Shape) arguments[4]),
        ArrayCalls.sizes((Shape) arguments[5]),
        Argument.of(false),
        Argument.of(new long[stride.dimension()]),
        Argument.of(((Integer) arguments[6]).longValue()));
  }

  private static NDList layerNorm(
      Recording recording, Traced x, Method method, Object[] arguments) {
    NDList real = reals(x, method, arguments);
    Traced input = recording.traced((NDArray) arguments[0]);
    Shape shape = (Shape) arguments[1];
    return new NDList(
        KernelCalls.layerNorm(
            recording,
            input,
            real.singletonOrThrow(),
            shape,
            optional(recording, arguments[2]),
            optional(recording, arguments[3]),
            ((Float) arguments[4]).doubleValue()));
  }

  private static NDList embedding(
      Recording recording, Traced x, Method method, Object[] arguments) {
    NDList real = reals(x, method, arguments);
    Traced index = recording.traced((NDArray) arguments[0]);
    Traced table = recording.traced((NDArray) arguments[1]);
    return new NDList(
        recording.record("aten::embedding", real.singletonOrThrow(), table.value(), index.value()));
  }

  private static NDList dropout(Object[] arguments) {
    if ((boolean) arguments[2] && (float) arguments[1] > 0) {
      throw new NotTraceableException(
          "DJL's Dropout draws numbers of its own: use Ops.dropout with the Noise of the pass");
    }
    return new NDList((NDArray) arguments[0]);
  }

  private static NDArray pooled(Traced x, Method method, Object[] arguments) {
    NDArray real = real(x, method, arguments);
    if (real.getShape().dimension() != 4) {
      throw new NotTraceableException("pooling of anything but images cannot be recorded");
    }
    Argument.Sizes kernel = ArrayCalls.sizes((Shape) arguments[0]);
    Argument.Sizes stride = ArrayCalls.sizes((Shape) arguments[1]);
    Argument.Sizes padding = ArrayCalls.sizes((Shape) arguments[2]);
    Argument.Flag ceil = Argument.of((boolean) arguments[3]);
    if (method.getName().equals("avgPool")) {
      // DJL 0.35.1 counts the padding whatever it is told.
      return x.recording()
          .record(
              "aten::avg_pool2d",
              real,
              x.value(),
              kernel,
              stride,
              padding,
              ceil,
              Argument.of(true),
              Argument.Marker.NONE);
    }
    TensorType type = TensorType.of(real);
    List<Value> outputs =
        x.recording()
            .add(
                "aten::max_pool2d_with_indices",
                List.of(type, type.as(ai.djl.ndarray.types.DataType.INT64)),
                x.value(),
                kernel,
                stride,
                padding,
                Argument.of(1, 1),
                ceil);
    return x.recording().proxy(real, outputs.get(0), Storage.fresh());
  }

  private static NDArray globalMean(Traced x) {
    Shape shape = x.real().getShape();
    return x.proxy().reshape(shape.get(0), shape.get(1), -1).mean(new int[] {2});
  }

  private static NDArray joined(Recording recording, Traced x, Method method, Object[] arguments) {
    NDList others = (NDList) arguments[0];
    List<Value> values = new ArrayList<>(List.of(x.value()));
    others.forEach(array -> values.add(recording.traced(array).value()));
    NDArray real = real(x, method, arguments);
    boolean stack = method.getName().equals("stack");
    if (!stack) {
      NDUtils.checkConcatInput((NDList) Recording.unwrapped(others));
    }
    int axis = (int) arguments[1];
    int rank = real.getShape().dimension();
    return recording.record(
        stack ? "aten::stack" : "aten::cat",
        real,
        Map.of(),
        new Argument.Values(values),
        Argument.of(axis < 0 ? axis + rank : axis));
  }

  private static NDArray where(Recording recording, Traced x, Method method, Object[] arguments) {
    NDArray real = real(x, method, arguments);
    return recording.record(
        "aten::where",
        real,
        recording.traced((NDArray) arguments[0]).value(),
        x.value(),
        recording.traced((NDArray) arguments[1]).value());
  }
}
