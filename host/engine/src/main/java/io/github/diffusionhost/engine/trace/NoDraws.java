package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;

/** The draws of array code that must draw nothing to be recorded. */
public enum NoDraws implements Noise {
  /** The only one. */
  INSTANCE;

  @Override
  public NDArray normal(Shape shape) {
    throw drawn();
  }

  @Override
  public NDArray uniform(Shape shape) {
    throw drawn();
  }

  private static NotTraceableException drawn() {
    return new NotTraceableException(
        "the network draws noise outside training, which cannot be recorded");
  }
}
