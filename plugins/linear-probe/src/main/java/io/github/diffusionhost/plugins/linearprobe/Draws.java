package io.github.diffusionhost.plugins.linearprobe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.noise.Noise;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The random draws of a probe: each for a use and a place of its own. */
final class Draws {
  /** What draws are for. */
  enum Use {
    TRAIN_CHOICE(1),
    TEST_CHOICE(2),
    WEIGHTS(3),
    ORDER(4),
    FLIPS(5),
    TRAIN_NOISE(6),
    TEST_NOISE(7);

    // Part of every seed: a changed number is another result.
    private final long number;

    Use(int number) {
      this.number = number;
    }
  }

  private Draws() {}

  /** The draws of a use. */
  static Noise of(MetricContext context, Use use, long... place) {
    long[] numbers = new long[place.length + 1];
    numbers[0] = use.number;
    System.arraycopy(place, 0, numbers, 1, place.length);
    return context.noise(numbers);
  }

  /** A random order of the numbers from 0 to {@code size - 1}. */
  static int[] permutation(Noise noise, int size) {
    float[] keys;
    try (NDArray drawn = noise.uniform(new Shape(size))) {
      keys = drawn.toFloatArray();
    }
    return IntStream.range(0, size)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(i -> keys[i]).thenComparingInt(i -> i))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Some of the numbers from 0 to {@code size - 1}, rising. */
  static int[] choice(Noise noise, int size, int count) {
    int[] chosen = Arrays.copyOf(permutation(noise, size), count);
    Arrays.sort(chosen);
    return chosen;
  }
}
