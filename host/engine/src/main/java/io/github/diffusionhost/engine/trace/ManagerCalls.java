package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.TensorType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the methods of {@link NDManager} record: new arrays. */
final class ManagerCalls implements InvocationHandler {
  private static final Set<String> PASSIVE =
      Set.of("getDevice", "defaultDevice", "getEngine", "isOpen", "getName", "setName");
  private static final Set<String> LIFE =
      Set.of(
          "close",
          "cap",
          "attachInternal",
          "attachUncappedInternal",
          "tempAttachInternal",
          "detachInternal",
          "attachAll",
          "tempAttachAll");

  /** Arrays of values that the JVM knows. */
  private static final Set<String> VALUES =
      Set.of("create", "arange", "eye", "linspace", "hanningWindow");

  private final Recording recording;
  private final NDManager real;

  private ManagerCalls(Recording recording, NDManager real) {
    this.recording = recording;
    this.real = real;
  }

  static NDManager proxy(Recording recording, NDManager real) {
    return (NDManager)
        Proxy.newProxyInstance(
            ManagerCalls.class.getClassLoader(),
            new Class<?>[] {NDManager.class},
            new ManagerCalls(recording, real));
  }

  NDManager real() {
    return real;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given)
      throws Throwable {
    Object[] arguments = Traced.orEmpty(given);
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class) {
      return switch (name) {
        case "equals" -> self == arguments[0];
        case "hashCode" -> System.identityHashCode(self);
        default -> "recording manager";
      };
    } else if (PASSIVE.contains(name)) {
      return RealCall.run(real, method, arguments);
    } else if (LIFE.contains(name)) {
      return null;
    }
    if (name.equals("newSubManager") || name.equals("getParentManager")) {
      return self;
    } else if (name.equals("ret")) {
      return arguments[0];
    } else if (name.equals("from")) {
      return recording.traced((NDArray) arguments[0]).proxy();
    } else if (name.equals("zeros") && arguments.length == 2) {
      return filled(method, arguments, 0);
    } else if (name.equals("ones") && arguments.length == 2) {
      return filled(method, arguments, 1);
    } else if (name.equals("full") && arguments.length == 3) {
      return filled(method, arguments, ((Float) arguments[1]).doubleValue());
    }
    if (name.startsWith("random") || name.startsWith("sample") || name.startsWith("truncated")) {
      throw new NotTraceableException(
          "NDManager." + name + " draws numbers of its own: draw from the Noise of the pass");
    } else if (name.equals("create") && arguments[0] instanceof Shape) {
      // Memory as it is: zeros are as good.
      return arguments.length == 2
          ? filled(method, arguments, 0)
          : InvocationHandler.invokeDefault(self, method, arguments);
    } else if (VALUES.contains(name)) {
      return recording.traced(RealCall.array(real, method, arguments)).proxy();
    } else if (method.isDefault()) {
      return InvocationHandler.invokeDefault(self, method, arguments);
    }
    throw new NotTraceableException("NDManager." + name + " cannot be recorded");
  }

  private NDArray filled(Method method, Object[] arguments, double value) {
    NDArray array = RealCall.array(real, method, arguments);
    TensorType type = TensorType.of(array);
    Argument fill =
        type.isFloating()
            ? Argument.of(value)
            : type.type() == DataType.BOOLEAN ? Argument.of(value != 0) : Argument.of((long) value);
    return recording.record(
        "aten::full",
        array,
        Argument.factory(type.type()),
        ArrayCalls.sizes(array.getShape()),
        fill);
  }
}
