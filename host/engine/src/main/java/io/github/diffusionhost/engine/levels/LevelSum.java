package io.github.diffusionhost.engine.levels;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What the images of one noise-level bin add up to.
 *
 * @param images how many
 * @param loss the sum of their losses
 * @param squaredError the sum of their squared errors, each the mean over channels and pixels
 * @param linear the sum of the squared errors that the best linear prediction would be expected to
 *     have at their levels; see {@link LevelBins}
 */
public record LevelSum(long images, double loss, double squaredError, double linear) {
  /** The numbers of a sum. */
  static final int NUMBERS = 4;

  /** This and another together. */
  public LevelSum plus(LevelSum other) {
    return new LevelSum(
        images + other.images,
        loss + other.loss,
        squaredError + other.squaredError,
        linear + other.linear);
  }

  /** The mean loss; NaN of no images. */
  public double meanLoss() {
    return loss / images;
  }

  /** The root-mean-square error per pixel and channel; NaN of no images. */
  public double rmse() {
    return Math.sqrt(squaredError / images);
  }

  /** The squared error over that of the best linear prediction; 1: no better. */
  public double vsLinear() {
    return squaredError / linear;
  }

  /** The sums of all bins from their numbers [NUMBERS, bins], row by row. */
  public static List<LevelSum> of(double[] numbers) {
    int bins = numbers.length / NUMBERS;
    return IntStream.range(0, bins)
        .mapToObj(
            i ->
                new LevelSum(
                    (long) numbers[i],
                    numbers[bins + i],
                    numbers[2 * bins + i],
                    numbers[3 * bins + i]))
        .toList();
  }

  /** The numbers of sums, as {@link #of} reads them; zeros if there are not {@code bins}. */
  public static double[] numbers(List<LevelSum> sums, int bins) {
    double[] numbers = new double[NUMBERS * bins];
    for (int i = 0; i < bins && sums.size() == bins; i++) {
      numbers[i] = sums.get(i).images;
      numbers[bins + i] = sums.get(i).loss;
      numbers[2 * bins + i] = sums.get(i).squaredError;
      numbers[3 * bins + i] = sums.get(i).linear;
    }
    return numbers;
  }
}
