package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** The values of a program's constants. */
public final class Constants {
  private Constants() {}

  /** Whether two have the same type, shape and bits. */
  public static boolean same(NDArray one, NDArray other) {
    DataType type = one.getDataType();
    if (type != other.getDataType() || !one.getShape().equals(other.getShape())) {
      return false;
    }
    // DJL cannot hand out the bits of this type.
    return type == DataType.BFLOAT16
        ? one.contentEquals(other)
        : one.toByteBuffer().equals(other.toByteBuffer());
  }
}
