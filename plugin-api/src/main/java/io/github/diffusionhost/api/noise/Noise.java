package io.github.diffusionhost.api.noise;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * A stream of random draws, given as an argument and never global, so that a test can replay
 * recorded draws and every step can be repeated from its seed and number alone.
 *
 * <p>Draws follow each other: two calls give different numbers, and the same calls on a stream made
 * from the same seed give the same numbers on every device. The first dimension of a shape counts
 * images; in sampling each image has a stream of its own, so that image i does not depend on how
 * many others are made beside it. A returned array belongs to the caller's scope.
 */
public interface Noise {
  /** Standard normal draws, float32, of the given shape. */
  NDArray normal(Shape shape);

  /** Uniform draws in [0, 1), float32, of the given shape. */
  NDArray uniform(Shape shape);

  /**
   * Draws of 1 with the given probability and of 0 otherwise, uint8, of the given shape.
   *
   * @param probability in [0, 1]; a stream may round it to a multiple of 2⁻¹⁶
   */
  default NDArray bernoulli(Shape shape, double probability) {
    return uniform(shape).lt(probability).toType(DataType.UINT8, false);
  }
}
