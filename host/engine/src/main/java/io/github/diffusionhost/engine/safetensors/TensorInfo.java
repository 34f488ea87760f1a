package io.github.diffusionhost.engine.safetensors;

import ai.djl.ndarray.types.Shape;

/**
 * What a file says of one tensor.
 *
 * @param type its element type
 * @param shape its sizes, each 0 or more; empty for a scalar
 * @param begin its first byte, counted from the end of the header
 * @param end one past its last byte; {@code end - begin} is the shape's elements times the type's
 *     bytes
 */
public record TensorInfo(TensorType type, Shape shape, long begin, long end) {
  /** Its bytes. */
  public long bytes() {
    return end - begin;
  }

  /** Its elements. */
  public long elements() {
    return bytes() / type.bytes();
  }
}
