package io.github.diffusionhost.plugins.ddpm.spacing;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which of the T training timesteps a sampler of fewer steps visits: Lin et al. 2023, arXiv
 * 2305.08891, table 2. Numbers are those of diffusers, which rounds halves to even.
 */
public enum Spacing {
  /** Multiples of {@code ⌊T/steps⌋} from 0 on, plus an offset: never reaches T−1. */
  LEADING {
    @Override
    double[] points(int total, int steps, int offset) {
      int ratio = total / steps;
      requireOffset((steps - 1) * ratio, offset, total);
      return falling(steps, i -> (double) i * ratio + offset);
    }

    @Override
    double[] pointsAboveEnd(int total, int steps, int offset) {
      int ratio = total / (steps + 1);
      if (ratio == 0) {
        throw new IllegalArgumentException(
            "spacing leading has room for at most "
                + (total - 1)
                + " steps here, not "
                + steps
                + ": set spacing to linspace or trailing");
      }
      requireOffset(steps * ratio, offset, total);
      return falling(steps, i -> (i + 1.0) * ratio + offset);
    }
  },
  /** From 0 to T−1, both included, in equal steps. */
  LINSPACE {
    @Override
    double[] points(int total, int steps, int offset) {
      return falling(steps, i -> between(total, steps, i));
    }

    @Override
    double[] pointsAboveEnd(int total, int steps, int offset) {
      return falling(steps, i -> between(total, steps + 1, i + 1));
    }
  },
  /** From T−1 down in steps of {@code T/steps}: never reaches 0. */
  TRAILING {
    @Override
    double[] points(int total, int steps, int offset) {
      double ratio = (double) total / steps;
      double step = (total - ratio) - total;
      return IntStream.range(0, steps).mapToDouble(i -> Math.rint(total + i * step) - 1).toArray();
    }

    @Override
    double[] pointsAboveEnd(int total, int steps, int offset) {
      return points(total, steps, offset);
    }
  };

  /**
   * Falling timesteps, possibly between whole ones.
   *
   * @param total T
   * @param steps at least 1, at most T
   * @param offset added by {@link #LEADING}
   * @throws IllegalArgumentException if there are not so many timesteps
   */
  public double[] fractional(int total, int steps, int offset) {
    requireRoom(total, steps);
    return points(total, steps, offset);
  }

  /** Falling whole timesteps; parameters as in {@link #fractional}. */
  public int[] whole(int total, int steps, int offset) {
    return rounded(fractional(total, steps, offset));
  }

  /**
   * Falling whole timesteps for samplers that go on from the last one to a level without noise: the
   * grid is laid for one more timestep, whose end at 0 is left out. Parameters as in {@link
   * #fractional}. Two neighbours may be equal where there are nearly T steps.
   */
  public int[] wholeAboveEnd(int total, int steps, int offset) {
    requireRoom(total, steps);
    return rounded(pointsAboveEnd(total, steps, offset));
  }

  abstract double[] points(int total, int steps, int offset);

  abstract double[] pointsAboveEnd(int total, int steps, int offset);

  private static void requireRoom(int total, int steps) {
    if (steps > total) {
      throw new IllegalArgumentException(
          steps + " steps: the network is trained on " + total + " timesteps; take fewer steps");
    }
  }

  private static void requireOffset(int highest, int offset, int total) {
    if (highest + offset >= total) {
      throw new IllegalArgumentException(
          "stepsOffset "
              + offset
              + " moves the timestep "
              + highest
              + " beyond the last one, "
              + (total - 1));
    }
  }

  private static int[] rounded(double[] points) {
    return Arrays.stream(points).mapToInt(point -> (int) Math.rint(point)).toArray();
  }

  /** Point i of {@code count} between 0 and T−1. */
  private static double between(int total, int count, int i) {
    if (count == 1) {
      return 0;
    }
    return i == count - 1 ? total - 1 : i * ((total - 1.0) / (count - 1));
  }

  /** The values of count − 1, …, 0. */
  private static double[] falling(int count, IntToDoubleFunction value) {
    return IntStream.range(0, count).mapToDouble(i -> value.applyAsDouble(count - 1 - i)).toArray();
  }
}
