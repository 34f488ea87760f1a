package io.github.diffusionhost.engine.trace;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
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
      throw rethrown(e.getCause());
    }
  }

  /** Another method of the target's interface with the same arguments. */
  static @Nullable Object run(Object target, Method like, String name, Object[] arguments) {
    try {
      return run(
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
