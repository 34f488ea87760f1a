package io.github.diffusionhost.plugins.ddpm.spacing;

import io.github.diffusionhost.plugins.ddpm.process.Mix;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import java.util.Arrays;

/**
 * The noise levels that a solver in σ steps through, from noise down to σ = 0, and the time that
 * the network is told at each but the last.
 *
 * <p>Two neighbours may be equal, where a grid of nearly T steps is rounded to timesteps: the step
 * from one to the other then changes nothing.
 */
public final class LevelGrid {
  private final double[] times;
  private final double[] sigmas;

  private LevelGrid(double[] times, double[] sigmas) {
    this.times = times;
    this.sigmas = Arrays.copyOf(sigmas, sigmas.length + 1);
  }

  /** The levels at falling times in [0, T−1], and 0. Times are rounded to float32. */
  public static LevelGrid of(SigmaTable table, double[] times) {
    double[] told = Arrays.stream(times).map(time -> (float) time).toArray();
    return new LevelGrid(told, Arrays.stream(told).map(table::sigma).toArray());
  }

  /** The levels at falling timesteps, and 0. */
  public static LevelGrid of(SigmaTable table, int[] timesteps) {
    return of(table, Arrays.stream(timesteps).asDoubleStream().toArray());
  }

  /**
   * Levels by Karras' spacing, and 0. The network is told the nearest timestep; the one below, as
   * in diffusers, where {@code roundDown} says so.
   */
  public static LevelGrid karras(SigmaTable table, int steps, boolean roundDown) {
    double[] sigmas = table.karras(steps);
    double[] times =
        Arrays.stream(sigmas)
            .map(table::time)
            .map(time -> roundDown ? Math.floor(time) : Math.rint(time))
            .toArray();
    return new LevelGrid(times, sigmas);
  }

  /**
   * Levels by Karras' spacing between the first and the last of falling times, and 0. The network
   * is told times between timesteps.
   */
  public static LevelGrid karras(SigmaTable table, double[] times) {
    LevelGrid ends = of(table, times);
    int steps = times.length;
    double[] sigmas = SigmaTable.karras(steps, ends.sigma(0), ends.sigma(steps - 1));
    double[] told = Arrays.stream(sigmas).map(table::time).map(time -> (float) time).toArray();
    return new LevelGrid(told, sigmas);
  }

  /**
   * The levels of a number of steps, whose times may lie between timesteps.
   *
   * @param karras by Karras' spacing between the first and the last of them
   * @param stepsOffset see {@link Spacing#fractional}
   */
  public static LevelGrid fractional(
      NoiseSchedule schedule, Spacing spacing, int stepsOffset, boolean karras, int steps) {
    double[] times = spacing.fractional(schedule.timesteps(), steps, stepsOffset);
    SigmaTable table = new SigmaTable(schedule);
    return karras ? karras(table, times) : of(table, times);
  }

  /**
   * The levels of a number of steps at timesteps, the last of them above the end.
   *
   * @param karras by Karras' spacing over the whole table instead
   * @param roundDown see {@link #karras(SigmaTable, int, boolean)}
   * @param stepsOffset see {@link Spacing#wholeAboveEnd}
   */
  public static LevelGrid whole(
      NoiseSchedule schedule,
      Spacing spacing,
      int stepsOffset,
      boolean karras,
      boolean roundDown,
      int steps) {
    int[] timesteps = spacing.wholeAboveEnd(schedule.timesteps(), steps, stepsOffset);
    SigmaTable table = new SigmaTable(schedule);
    return karras ? karras(table, steps, roundDown) : of(table, timesteps);
  }

  /** How many steps there are. */
  public int steps() {
    return times.length;
  }

  /** What the network is told at level i. */
  public double time(int i) {
    return times[i];
  }

  /** Level i; the last one, {@code i = steps()}, is 0. */
  public double sigma(int i) {
    return sigmas[i];
  }

  /** How much image and how much noise there is at level i. */
  public Mix mix(int i) {
    return Mix.ofSigma(sigmas[i]);
  }

  /** λ of level i; infinite for the last one. */
  public double lambda(int i) {
    return mix(i).lambda();
  }

  /** Whether the step from level i leads to the same level. */
  public boolean stands(int i) {
    return sigmas[i + 1] == sigmas[i];
  }

  /** The nearest level above level i that is not the same; −1 if there is none. */
  public int before(int i) {
    int before = i - 1;
    while (before >= 0 && sigmas[before] == sigmas[i]) {
      before--;
    }
    return before;
  }
}
