package io.github.diffusionhost.plugins.fidelity.stats;

import java.util.Arrays;
import java.util.Random;

/** Some of the numbers from 0 on, each at most once. */
public final class Subset {
  private Subset() {}

  /**
   * Draws numbers by the first steps of a Fisher-Yates shuffle.
   *
   * @param from how many numbers there are
   * @param size how many are drawn; at most {@code from}
   * @return in rising order
   */
  public static int[] of(long from, int size, Random random) {
    int[] numbers = new int[Math.toIntExact(from)];
    Arrays.setAll(numbers, i -> i);
    for (int i = 0; i < size; i++) {
      int other = i + random.nextInt(numbers.length - i);
      int taken = numbers[other];
      numbers[other] = numbers[i];
      numbers[i] = taken;
    }
    int[] drawn = Arrays.copyOf(numbers, size);
    Arrays.sort(drawn);
    return drawn;
  }
}
