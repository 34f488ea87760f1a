package io.github.diffusionhost.plugins.ddpm;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;

/**
 * DPM-Solver++ of second order, multistep (2M): Lu et al. 2022, arXiv 2211.01095, algorithm 2. One
 * network call a step; the first step and the last, to no noise, are of first order. {@code
 * DPMSolverMultistepScheduler} of diffusers, midpoint form.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param timesBelow whether times of Karras' spacing are rounded down, as diffusers does with the
 *     cosine schedule, instead of to the nearest timestep
 */
public record Dpmpp2mSampler(
    NoiseSchedule schedule, Prediction prediction, boolean timesBelow, Options options)
    implements Sampler {

  /** The options. */
  public record Options(
      @Option("Karras' spacing: equal steps of the seventh root of sigma") boolean karras,
      @Option("which timesteps are visited, without karras") Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(false, Spacing.LINSPACE, 0);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    LevelGrid grid = grid(sampling.steps());
    SamplingChain chain = new SamplingChain(noise, 1, sampling);
    try (History images = new History(2)) {
      for (int step = 0; step < grid.steps(); step++) {
        int i = step;
        chain.step(
            x -> {
              if (grid.stands(i)) {
                return x;
              }
              NDArray output = Evaluation.of(network, x, grid.time(i));
              images.add(prediction.image(x, output, grid.mix(i)));
              return update(x, images, grid, i);
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
    int total = schedule.timesteps();
    int[] timesteps = options.spacing().wholeAboveEnd(total, steps, options.stepsOffset());
    SigmaTable table = new SigmaTable(schedule);
    return options.karras()
        ? LevelGrid.karras(table, steps, timesBelow)
        : LevelGrid.of(table, timesteps);
  }

  private static NDArray update(NDArray x, History images, LevelGrid grid, int i) {
    Mix from = grid.mix(i);
    Mix to = grid.mix(i + 1);
    double h = grid.lambda(i + 1) - grid.lambda(i);
    NDArray data = images.ago(0);
    int before = grid.before(i);
    if (before >= 0 && i + 1 < grid.steps()) {
      double r = (grid.lambda(i) - grid.lambda(before)) / h;
      data = data.mul(1 + 1 / (2 * r)).sub(images.ago(1).mul(1 / (2 * r)));
    }
    return x.mul(to.noise() / from.noise()).sub(data.mul(to.signal() * Math.expm1(-h)));
  }
}
