package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Noise that was drawn before: each draw is a copy of the next recorded array, whatever its
 * distribution.
 */
public final class RecordedNoise implements Noise {
  private final int total;
  private final Deque<NDArray> left;

  /** Replays {@code draws} in order; they stay the caller's. */
  public RecordedNoise(NDArray... draws) {
    this.left = new ArrayDeque<>(List.of(draws));
    this.total = draws.length;
  }

  @Override
  public NDArray normal(Shape shape) {
    return next(shape);
  }

  @Override
  public NDArray uniform(Shape shape) {
    return next(shape);
  }

  /** How many draws have not been asked for yet. */
  public int remaining() {
    return left.size();
  }

  private NDArray next(Shape shape) {
    NDArray draw = left.poll();
    if (draw == null) {
      throw new AssertionError(
          "draw " + (total + 1) + " of shape " + shape + ", but only " + total + " are recorded");
    }
    if (!draw.getShape().equals(shape)) {
      int number = total - left.size();
      throw new AssertionError(
          "draw " + number + " is of shape " + shape + ", the recorded one of " + draw.getShape());
    }
    return draw.duplicate();
  }
}
