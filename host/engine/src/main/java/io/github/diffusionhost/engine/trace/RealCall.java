package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs a method on the real object behind a proxy. */
final class RealCall {
  private RealCall() {}

  /** The result of the method with real arguments. */
  static @Nullable Object run(Object target, Method method, Object[] arguments) {
    try {
      return method.invoke(
          target, Arrays.stream(arguments).map(Recording::unwrapped).toArray(Object[]::new));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(method + " is not public", e);
    } catch (InvocationTargetException e) {
      throw rethrown(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  /** The array that the method returns. */
  static NDArray array(Object target, Method method, Object[] arguments) {
    return (NDArray) given(target, method, arguments);
  }

  /** The arrays that the method returns. */
  static NDList arrays(Object target, Method method, Object[] arguments) {
    return (NDList) given(target, method, arguments);
  }

  private static Object given(Object target, Method method, Object[] arguments) {
    return Objects.requireNonNull(run(target, method, arguments), method::getName);
  }

  /** The array that another method of the target's interface returns for the same arguments. */
  static NDArray array(Object target, Method like, String name, Object[] arguments) {
    try {
      return array(
          target, like.getDeclaringClass().getMethod(name, like.getParameterTypes()), arguments);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException e) {
      return e;
    } else if (cause instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(cause);
  }
}
