package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.internal.NDArrayEx;
import io.github.diffusionhost.api.ops.OpsKernels;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** A recording array: a proxy for a real one, and the tensor of the program that it stands for. */
final class Traced implements InvocationHandler {
  private final Recording recording;
  private final NDArray proxy;
  private final NDArrayEx extended;
  private final Storage storage;
  private NDArray real;
  private Value value;
  private int seen;

  Traced(Recording recording, NDArray real, Value value, Storage storage) {
    this.recording = recording;
    this.real = real;
    this.value = value;
    this.storage = storage;
    this.seen = storage.writes();
    ClassLoader loader = Traced.class.getClassLoader();
    this.proxy =
        (NDArray)
            Proxy.newProxyInstance(
                loader, new Class<?>[] {NDArray.class, OpsKernels.Provider.class}, this);
    this.extended =
        (NDArrayEx)
            Proxy.newProxyInstance(
                loader,
                new Class<?>[] {NDArrayEx.class},
                (self, method, arguments) ->
                    LayerCalls.call(this, self, method, orEmpty(arguments)));
  }

  /** The recording side of an array; null if it is an ordinary one. */
  static @Nullable Traced of(NDArray array) {
    return Proxy.isProxyClass(array.getClass())
            && Proxy.getInvocationHandler(array) instanceof Traced traced
        ? traced
        : null;
  }

  Recording recording() {
    return recording;
  }

  NDArray proxy() {
    return proxy;
  }

  NDArrayEx extended() {
    return extended;
  }

  NDArray real() {
    return real;
  }

  Value value() {
    return value;
  }

  Storage storage() {
    return storage;
  }

  /** Takes the result of a change in place. */
  NDArray become(NDArray changed, Value result, String method) {
    requireCurrent();
    seen = storage.write(method);
    real = changed;
    value = result;
    return proxy;
  }

  void requireCurrent() {
    if (seen != storage.writes()) {
      throw new NotTraceableException(
          "an array of shape "
              + real.getShape()
              + " is used after a view of it was changed in place");
    }
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getDeclaringClass() == OpsKernels.Provider.class) {
      return new KernelCalls(recording);
    }
    return ArrayCalls.call(this, self, method, orEmpty(arguments));
  }

  static Object[] orEmpty(Object @Nullable [] arguments) {
    return arguments == null ? new Object[0] : arguments;
  }
}
