package io.github.diffusionhost.engine.contract;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.NativeResource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A call of a plugin's code, and what it has returned, looked at where the host takes it: an array
 * of another shape would be broadcast, and train or sample something else without a word.
 *
 * @param source the object whose method it was
 * @param call the method
 */
public record Returned(Object source, String call) {
  /** Plugin code. */
  @FunctionalInterface
  public interface Code<T, E extends Exception> {
    /** Runs it. */
    T run() throws E;
  }

  /**
   * Runs the code with the class loader of the plugin as the thread's context class loader, as
   * plugins are promised.
   *
   * @throws WrongResultException if it returns null, or leaves the thread interrupted, which would
   *     end whatever the host does next, and unnamed
   */
  public <T, E extends Exception> T of(Code<? extends @Nullable T, E> code) throws E {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader own = source.getClass().getClassLoader();
    boolean interrupted = thread.isInterrupted();
    if (own != null) {
      thread.setContextClassLoader(own);
    }
    try {
      T result = require(code.run());
      if (!interrupted && Thread.interrupted()) {
        throw wrong("it has interrupted the thread that called it");
      }
      return result;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Plugin code that returns nothing. */
  @FunctionalInterface
  public interface Work<E extends Exception> {
    /** Runs it. */
    void run() throws E;
  }

  /** The same of code that returns nothing. */
  public <E extends Exception> void after(Work<E> work) throws E {
    this.<Boolean, E>of(
        () -> {
          work.run();
          return true;
        });
  }

  /**
   * The array, if it is one of float32 and of this shape.
   *
   * @param what which array it is, as in {@code level}; empty if there is but one
   * @throws WrongResultException if it is not
   */
  public NDArray require(@Nullable NDArray array, Shape shape, String what) {
    String name = what.isEmpty() ? "" : "as " + what + " ";
    if (array == null) {
      throw wrong("it returned " + name + "null");
    } else if (array instanceof NativeResource<?> resource && resource.isReleased()) {
      throw wrong("it returned " + name + "an array that was closed");
    } else if (!array.getShape().equals(shape)) {
      throw wrong(
          "it returned %san array of shape %s, which must be %s"
              .formatted(name, array.getShape(), shape));
    } else if (array.getDataType() != DataType.FLOAT32) {
      throw wrong(
          "it returned %san array of %s, which must be float32"
              .formatted(name, array.getDataType().name().toLowerCase(Locale.ROOT)));
    }
    return array;
  }

  /** The object, if there is one. */
  public <T> T require(@Nullable T object) {
    if (object == null) {
      throw wrong("it returned null");
    }
    return object;
  }

  /** The exception that says that a loss trains nothing. */
  public WrongResultException withoutGradient() {
    return wrong(
        "it returned a loss that does not depend on the network, so that nothing is trained");
  }

  /** The exception that says so. */
  public WrongResultException wrong(String message) {
    return new WrongResultException(source.getClass(), call, message);
  }
}
