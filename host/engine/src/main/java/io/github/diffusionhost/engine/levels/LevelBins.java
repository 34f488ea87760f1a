package io.github.diffusionhost.engine.levels;

import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import io.github.diffusionhost.engine.contract.CheckedLevels;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * The noise-level bins of a scheduler, and a reference error as a function of the level.
 *
 * <p>The reference is tabulated at {@value #POINTS} points of each bin, and a level has that of the
 * point nearest to it. It is added up image by image beside the losses, so that the two compare
 * whatever levels were drawn.
 */
public final class LevelBins {
  private static final int POINTS = 100;
  private static final MathContext DIGITS = new MathContext(6);

  private final double[] edges;
  private final double[] boundaries;
  private final double[] reference;

  private LevelBins(double[] edges, double[] points, double[] reference) {
    this.edges = edges;
    this.boundaries = new double[points.length - 1];
    Arrays.setAll(boundaries, i -> (points[i] + points[i + 1]) / 2);
    this.reference = reference;
  }

  /** The bins of a scheduler, with the linear error of independent pixels of variance 1. */
  public static LevelBins of(Scheduler scheduler) {
    return of(scheduler, level -> level.linearError(1));
  }

  /**
   * The bins of a scheduler.
   *
   * @param reference the squared error at a level that losses are compared with
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if what the scheduler says
   *     about them breaks its contract
   */
  public static LevelBins of(Scheduler scheduler, ToDoubleFunction<NoiseLevel> reference) {
    CheckedLevels levels = new CheckedLevels(scheduler);
    double[] edges = levels.edges();
    double[] points = new double[(edges.length - 1) * POINTS + 1];
    for (int i = 0; i < points.length; i++) {
      int bin = Math.min(i / POINTS, edges.length - 2);
      double part = (i - bin * POINTS) / (double) POINTS;
      points[i] = edges[bin] + part * (edges[bin + 1] - edges[bin]);
    }
    double[] errors =
        Arrays.stream(points).map(p -> reference.applyAsDouble(levels.at(p))).toArray();
    return new LevelBins(edges, points, errors);
  }

  /** How many bins there are. */
  public int count() {
    return edges.length - 1;
  }

  /** A bin as the names of metrics have it: {@code 0-100}, to six digits. */
  public String name(int bin) {
    return text(edges[bin]) + "-" + text(edges[bin + 1]);
  }

  /**
   * The level in the middle of each bin, [count]: √(a·b) where the lower edge a is above 0, since
   * bins are then often wider the more noise there is, and (a + b)/2 elsewhere.
   */
  public double[] middles() {
    double[] middles = new double[count()];
    Arrays.setAll(
        middles,
        i -> edges[i] > 0 ? Math.sqrt(edges[i] * edges[i + 1]) : (edges[i] + edges[i + 1]) / 2);
    return middles;
  }

  /** The bin of a level; levels beyond the edges belong to the bin beside them. */
  int bin(double level) {
    int bin = 0;
    while (bin < count() - 1 && level >= edges[bin + 1]) {
      bin++;
    }
    return bin;
  }

  /**
   * Adds the losses of some images.
   *
   * @param numbers the numbers of {@link LevelSum}
   */
  public void add(TrainingLoss loss, double[] numbers) {
    float[] losses = loss.perImage().toFloatArray();
    float[] squared = loss.squaredError().toFloatArray();
    float[] level = loss.level().toFloatArray();
    for (int i = 0; i < losses.length; i++) {
      double[] each = {1, losses[i], squared[i], reference(level[i])};
      for (int k = 0; k < each.length; k++) {
        numbers[k * count() + bin(level[i])] += each[k];
      }
    }
  }

  /** The reference error at a level. */
  double reference(double level) {
    int found = Arrays.binarySearch(boundaries, level);
    return reference[found < 0 ? -found - 1 : found];
  }

  /** Where one bin ends and the next begins, and infinity at the end: [count]. */
  double[] ends() {
    double[] ends = Arrays.copyOfRange(edges, 1, edges.length);
    ends[ends.length - 1] = Double.POSITIVE_INFINITY;
    return ends;
  }

  /** Halfway between the points of the table: one less than there are points. */
  double[] boundaries() {
    return boundaries.clone();
  }

  /** The reference error at the points of the table. */
  double[] references() {
    return reference.clone();
  }

  private static String text(double edge) {
    BigDecimal rounded = new BigDecimal(edge).round(DIGITS).stripTrailingZeros();
    return rounded.signum() == 0 ? "0" : rounded.toPlainString();
  }
}
