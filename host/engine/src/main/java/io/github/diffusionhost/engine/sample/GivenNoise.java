package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;

/** The noise of a sampler's steps, given in advance: draw k of a sampling is element k. */
public final class GivenNoise implements Noise {
  private final NDArray draws;
  private int used;

  /**
   * Draws in the order in which the sampler asks.
   *
   * @param draws [draws,N,C,H,W] float32; stays the caller's
   */
  public GivenNoise(NDArray draws) {
    this.draws = draws;
  }

  /** How often the sampler has drawn. */
  public int used() {
    return used;
  }

  @Override
  public NDArray normal(Shape shape) {
    long there = draws.getShape().get(0);
    if (used == there) {
      throw new IllegalArgumentException("the sampler draws noise more than " + there + " times");
    }
    NDArray draw = draws.get(used++);
    if (!draw.getShape().equals(shape)) {
      throw new IllegalArgumentException(
          "the sampler draws noise of shape " + shape + ", and not of " + draw.getShape());
    }
    return draw;
  }

  @Override
  public NDArray uniform(Shape shape) {
    throw new IllegalArgumentException(
        "the sampler draws uniform numbers, and normal ones are given");
  }
}
