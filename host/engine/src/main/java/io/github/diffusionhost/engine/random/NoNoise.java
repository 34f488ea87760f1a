package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;

/** The draws of array code that draws nothing. */
public enum NoNoise implements Noise {
  /** The only one. */
  INSTANCE;

  @Override
  public NDArray normal(Shape shape) {
    throw new IllegalStateException("there is nothing to draw here");
  }

  @Override
  public NDArray uniform(Shape shape) {
    throw new IllegalStateException("there is nothing to draw here");
  }
}
