package io.github.diffusionhost.engine.contract;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.Scheduler;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * What a scheduler says about noise levels, each answer compared with its contract.
 *
 * @param scheduler the scheduler
 */
public record CheckedLevels(Scheduler scheduler) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]+");

  /** Looks at what it says about its edges, before anything is made of them. */
  public void check() {
    for (double edge : edges()) {
      at(edge);
      conditionAt(edge);
    }
  }

  /** {@link Scheduler#levelEdges}. */
  public double[] edges() {
    Returned returned = new Returned(scheduler, "levelEdges");
    double[] edges = returned.of(scheduler::levelEdges);
    boolean rising = edges.length >= 2 && finite(edges);
    for (int i = 1; i < edges.length; i++) {
      rising &= edges[i] > edges[i - 1];
    }
    if (!rising) {
      throw returned.wrong(
          "it returned " + Arrays.toString(edges) + ", which must be at least two rising numbers");
    }
    return edges;
  }

  /** {@link Scheduler#at}. */
  public NoiseLevel at(double level) {
    Returned returned = new Returned(scheduler, "at");
    NoiseLevel found = returned.of(() -> scheduler.at(level));
    boolean finite =
        finite(found.signal(), found.noise(), found.targetSignal(), found.targetNoise());
    if (!finite || found.noise() < 0) {
      throw returned.wrong(
          "it returned "
              + found
              + " for level "
              + level
              + ", which must be finite numbers, and the noise not negative");
    }
    return found;
  }

  /** {@link Scheduler#conditionAt}. */
  public double conditionAt(double level) {
    Returned returned = new Returned(scheduler, "conditionAt");
    double condition = returned.of(() -> scheduler.conditionAt(level));
    if (!Double.isFinite(condition)) {
      throw returned.wrong(
          "it returned " + condition + " for level " + level + ", which must be a finite number");
    }
    return condition;
  }

  /** {@link Scheduler#samplingLevels}. */
  public double[] samplingLevels(int steps) {
    Returned returned = new Returned(scheduler, "samplingLevels");
    double[] levels = returned.of(() -> scheduler.samplingLevels(steps));
    if (levels.length != steps) {
      throw returned.wrong(
          "it returned "
              + levels.length
              + " levels, which must be "
              + steps
              + ", one for each step");
    }
    boolean falling = finite(levels);
    for (int i = 1; i < levels.length; i++) {
      falling &= levels[i] <= levels[i - 1];
    }
    if (!falling) {
      throw returned.wrong("it returned levels for " + steps + " steps that do not fall");
    }
    return levels;
  }

  /**
   * {@link Scheduler#curves}.
   *
   * @param levels [N] float32
   */
  public Map<String, NDArray> curves(Forward pass, NDArray levels) {
    Returned returned = new Returned(scheduler, "curves");
    Map<String, NDArray> curves = returned.of(() -> scheduler.curves(pass, levels));
    Shape each = levels.getShape();
    curves.forEach(
        (name, curve) -> {
          if (name == null || !NAME.matcher(name).matches()) {
            throw returned.wrong(
                "it returned a curve named "
                    + name
                    + ", which must be lower-case letters, digits and underscores");
          }
          returned.require(curve, each, name);
        });
    return curves;
  }

  private static boolean finite(double... numbers) {
    return DoubleStream.of(numbers).allMatch(Double::isFinite);
  }
}
