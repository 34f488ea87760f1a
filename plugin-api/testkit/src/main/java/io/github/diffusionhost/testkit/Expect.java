package io.github.diffusionhost.testkit;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.function.Supplier;

/** What checks claim; each claim throws an AssertionError that says what was found instead. */
final class Expect {
  private Expect() {}

  static void that(boolean claim, Supplier<String> otherwise) {
    if (!claim) {
      throw new AssertionError(otherwise.get());
    }
  }

  /** The array is float32, of the shape, and finite. */
  static void finite(String what, NDArray array, Shape shape) {
    that(
        array.getShape().equals(shape),
        () -> what + " has shape " + array.getShape() + ", not " + shape);
    that(
        array.getDataType() == DataType.FLOAT32,
        () -> what + " is of type " + array.getDataType() + ", not float32");
    for (float value : array.toFloatArray()) {
      that(Float.isFinite(value), () -> what + " holds " + value);
    }
  }

  /** The arrays have the same values up to rounding: a ten-thousandth of the largest. */
  static void close(String what, NDArray found, NDArray expected) {
    float[] a = found.toFloatArray();
    float[] b = expected.toFloatArray();
    that(a.length == b.length, () -> what + ": " + a.length + " values, not " + b.length);
    float largest = 1e-3f;
    for (float value : b) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < a.length; i++) {
      int at = i;
      that(
          Math.abs(a[i] - b[i]) <= 1e-4f * largest,
          () -> what + ": value " + at + " is " + a[at] + " here and " + b[at] + " there");
    }
  }

  /** Runs the backward pass from a number that must depend on some weight. */
  static void differentiable(String what, NDArray scalar, GradientCollector collector) {
    try {
      collector.backward(scalar);
    } catch (EngineException e) {
      throw new AssertionError(what + " cannot be differentiated by any weight", e);
    }
  }
}
