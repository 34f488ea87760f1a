package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the methods of {@link NDArray} record. */
final class ArrayCalls {
  /** About the array itself; the real one answers. */
  private static final Set<String> PASSIVE =
      Set.of(
          "getShape",
          "getDataType",
          "getDevice",
          "getSparseFormat",
          "getName",
          "setName",
          "getUid",
          "isReleased",
          "size",
          "isSparse",
          "isScalar",
          "isEmpty",
          "isZeroDim",
          "hasGradient");

  /** About the array's life, which here is the recording's. */
  private static final Set<String> LIFE =
      Set.of("close", "attach", "detach", "tempAttach", "returnResource");

  private static final Set<String> READING =
      Set.of(
          "toFloatArray",
          "toDoubleArray",
          "toIntArray",
          "toLongArray",
          "toByteArray",
          "toUint8Array",
          "toBooleanArray",
          "toArray",
          "getFloat",
          "getDouble",
          "getInt",
          "getLong",
          "getByte",
          "getBoolean",
          "getUint8",
          "contentEquals",
          "toDebugString",
          "allClose",
          "copyTo",
          "toStringArray",
          "toShortArray",
          "toUnsignedShortArray",
          "encode");

  private ArrayCalls() {}

  static @Nullable Object call(Traced x, Object self, Method method, Object[] arguments)
      throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class) {
      return switch (name) {
        case "equals" -> self == arguments[0];
        case "hashCode" -> System.identityHashCode(self);
        default -> "recorded " + x.value().type();
      };
    } else if (name.equals("getManager")) {
      return x.recording().manager();
    } else if (name.equals("getNDArrayInternal")) {
      return x.extended();
    } else if (PASSIVE.contains(name)) {
      return RealCall.run(x.real(), method, arguments);
    } else if (LIFE.contains(name)) {
      return null;
    } else if (name.equals("toByteBuffer")) {
      throw new NotTraceableException(
          "NDArray.toByteBuffer reads values back to the JVM, as does an ordinary array that"
              + " computes with a recorded one: call the recorded array's method instead");
    } else if (READING.contains(name)) {
      throw new NotTraceableException("NDArray." + name + " reads values back to the JVM");
    }
    x.requireCurrent();
    Object recorded = ElementwiseCalls.call(x, method, arguments);
    if (recorded == null) {
      recorded = ShapeCalls.call(x, method, arguments);
    }
    if (recorded == null) {
      recorded = ReductionCalls.call(x, method, arguments);
    }
    if (recorded == null) {
      recorded = other(x, method, arguments);
    }
    if (recorded != null) {
      return recorded;
    } else if (method.isDefault()) {
      return InvocationHandler.invokeDefault(self, method, arguments);
    }
    throw new NotTraceableException("NDArray." + name + " cannot be recorded");
  }

  private static @Nullable Object other(Traced x, Method method, Object[] arguments) {
    Recording recording = x.recording();
    return switch (method.getName()) {
      case "toType" -> cast(x, method, arguments);
      case "toDevice" -> onDevice(x, method, arguments);
      case "duplicate" -> recording.record("aten::clone", x.real().duplicate(), x.value());
      case "stopGradient" ->
          recording.recordView("aten::detach", x, x.real().stopGradient(), x.value());
      case "softmax" -> along(x, method, arguments, "aten::softmax", true);
      case "logSoftmax" -> along(x, method, arguments, "aten::log_softmax", true);
      case "cumSum" ->
          arguments.length == 1 ? along(x, method, arguments, "aten::cumsum", false) : null;
      case "matMul", "batchMatMul" -> product(x, method, arguments);
      case "clip" ->
          recording.record(
              "aten::clamp",
              RealCall.array(x.real(), method, arguments),
              x.value(),
              Scalars.literal((Number) arguments[0]),
              Scalars.literal((Number) arguments[1]));
      // get(NDManager, NDIndex): every other form is a default that leads here.
      case "get" ->
          arguments.length == 2 && arguments[1] instanceof NDIndex index
              ? IndexCalls.get(x, index)
              : null;
      case "gather" ->
          recording.record(
              "aten::gather",
              RealCall.array(x.real(), method, arguments),
              x.value(),
              Argument.of(((Integer) arguments[1]).longValue()),
              recording.traced((NDArray) arguments[0]).value());
      case "oneHot" -> oneHot(x, method, arguments);
      default -> null;
    };
  }

  private static NDArray cast(Traced x, Method method, Object[] arguments) {
    NDArray cast = RealCall.array(x.real(), method, arguments);
    return cast == x.real()
        ? x.proxy()
        : x.recording()
            .record("aten::to", cast, x.value(), new Argument.Type((DataType) arguments[0]));
  }

  private static NDArray onDevice(Traced x, Method method, Object[] arguments) {
    NDArray moved = RealCall.array(x.real(), method, arguments);
    if (moved.getDevice().equals(x.real().getDevice())) {
      return x.proxy();
    }
    throw new NotTraceableException("NDArray.toDevice moves an array to another device");
  }

  /** Both forms that DJL has on PyTorch. */
  private static @Nullable NDArray oneHot(Traced x, Method method, Object[] arguments) {
    if (arguments.length > 2) {
      return null;
    }
    Recording recording = x.recording();
    NDArray real = RealCall.array(x.real(), method, arguments);
    TensorType type = TensorType.of(real);
    DataType index = x.value().type().type();
    NDArray classes = recording.realManager().arange(0, (int) arguments[0], 1, index);
    List<Dim> apart = new ArrayList<>(x.value().type().shape());
    apart.add(Dim.of(1));
    Value column =
        recording.add(
            "aten::reshape", x.value().type().shaped(apart), x.value(), new Argument.Sizes(apart));
    Value hits =
        recording.add(
            "aten::eq", type.as(DataType.BOOLEAN), column, recording.traced(classes).value());
    return recording.record("aten::to", real, hits, new Argument.Type(type.type()));
  }

  private static NDArray along(
      Traced x, Method method, Object[] arguments, String op, boolean typed) {
    NDArray real = RealCall.array(x.real(), method, arguments);
    Argument axis = Argument.of(axis(x, (int) arguments[0]));
    return typed
        ? x.recording().record(op, real, x.value(), axis, Argument.Marker.NONE)
        : x.recording().record(op, real, x.value(), axis);
  }

  private static NDArray product(Traced x, Method method, Object[] arguments) {
    NDArray real = RealCall.array(x.real(), method, arguments);
    Traced other = x.recording().traced((NDArray) arguments[0]);
    return x.recording().record("aten::matmul", real, x.value(), other.value());
  }

  /** An axis counted from the front. */
  static int axis(Traced x, int axis) {
    return axis < 0 ? axis + x.real().getShape().dimension() : axis;
  }

  /** The axes of an array, all counted from the front. */
  static Argument.Sizes axes(Traced x, int... axes) {
    return Argument.of(IntStream.of(axes).mapToLong(axis -> axis(x, axis)).toArray());
  }

  /** The sizes of a shape. */
  static Argument.Sizes sizes(Shape shape) {
    return Argument.of(shape.getShape());
  }
}
