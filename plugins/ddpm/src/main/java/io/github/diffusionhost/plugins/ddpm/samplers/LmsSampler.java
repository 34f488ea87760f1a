package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;
import io.github.diffusionhost.plugins.ddpm.process.Clipping;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.spacing.LevelGrid;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

/**
 * Linear multistep for {@code dx/dσ = (x − x0(x, σ)) / σ}, x = x0 + σ·eps: the slopes of the last
 * four levels are a polynomial in σ, which is integrated over the step (Adams and Bashforth with
 * unequal steps). One network call a step. {@code LMSDiscreteScheduler} of diffusers, after
 * k-diffusion.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 */
public record LmsSampler(NoiseSchedule schedule, Prediction prediction, Options options)
    implements Sampler {
  private static final int ORDER = 4;

  /** The options. */
  public record Options(
      @Option("Karras' spacing between the first and the last level: equal steps of sigma^(1/7)")
          boolean karras,
      @Option("which times are visited; linspace also takes times between timesteps")
          Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(false, Spacing.LINSPACE, 0);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    LevelGrid grid = grid(sampling.steps());
    SigmaSpace space = new SigmaSpace(network, prediction, Clipping.NONE);
    SamplingChain chain =
        SamplingChain.of(noise, SigmaSpace.start(grid, options.spacing()), sampling);
    try (History slopes = new History(ORDER)) {
      for (int step = 0; step < grid.steps(); step++) {
        int i = step;
        chain.step(
            x -> {
              NDArray image = space.image(x, grid.sigma(i), grid.time(i));
              slopes.add(x.sub(image).div(grid.sigma(i)));
              NDArray next = x;
              for (int age = 0; age < slopes.size(); age++) {
                next = next.add(slopes.ago(age).mul(weight(grid, i, age, slopes.size())));
              }
              return next;
            });
      }
    }
    return chain.state();
  }

  @Override
  public void checkSteps(int steps) {
    grid(steps);
  }

  /** The levels of a number of steps. */
  public LevelGrid grid(int steps) {
    return LevelGrid.fractional(
        schedule, options.spacing(), options.stepsOffset(), options.karras(), steps);
  }

  /**
   * The integral from level i to the next of the polynomial that is 1 at the level of one slope and
   * 0 at those of the others. Of third degree at most, for which two points of Gauss and Legendre
   * are exact.
   *
   * @param age of the slope; 0 is that of level i
   * @param count how many slopes there are
   */
  private static double weight(LevelGrid grid, int i, int age, int count) {
    double half = (grid.sigma(i + 1) - grid.sigma(i)) / 2;
    double middle = grid.sigma(i) + half;
    double away = half / Math.sqrt(3);
    return half
        * (lagrange(grid, i, age, count, middle - away)
            + lagrange(grid, i, age, count, middle + away));
  }

  private static double lagrange(LevelGrid grid, int i, int age, int count, double sigma) {
    double own = grid.sigma(i - age);
    double product = 1;
    for (int other = 0; other < count; other++) {
      if (other != age) {
        double level = grid.sigma(i - other);
        product *= (sigma - level) / (own - level);
      }
    }
    return product;
  }
}
