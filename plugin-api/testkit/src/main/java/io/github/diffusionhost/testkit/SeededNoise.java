package io.github.diffusionhost.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Noise from a seed. Image i, row i of every shape, has a stream of its own, so that its draws do
 * not depend on how many images there are.
 */
public final class SeededNoise implements Noise {
  private final NDManager manager;
  private final long seed;
  private final List<Random> images = new ArrayList<>();

  /** Draws arrays that belong to {@code manager}. */
  public SeededNoise(NDManager manager, long seed) {
    this.manager = manager;
    this.seed = seed;
  }

  @Override
  public NDArray normal(Shape shape) {
    return draw(shape, Random::nextGaussian);
  }

  @Override
  public NDArray uniform(Shape shape) {
    return draw(shape, Random::nextFloat);
  }

  private NDArray draw(Shape shape, ToDoubleFunction<Random> distribution) {
    float[] values = new float[Math.toIntExact(shape.size())];
    int rows = shape.dimension() == 0 ? 1 : Math.toIntExact(shape.get(0));
    int size = values.length / rows;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) distribution.applyAsDouble(image(i / size));
    }
    return manager.create(values, shape);
  }

  private Random image(int index) {
    while (images.size() <= index) {
      images.add(new Random(seed * 1_000_003L + images.size()));
    }
    return images.get(index);
  }
}
