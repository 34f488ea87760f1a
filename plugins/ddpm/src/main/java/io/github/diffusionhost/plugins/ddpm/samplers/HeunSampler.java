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
 * Heun's method for {@code dx/dσ = (x − x0(x, σ)) / σ}, x = x0 + σ·eps: an Euler step, then the
 * step again with the mean of the slopes at both its ends. Two network calls a step; the last step,
 * to σ = 0, is Euler's. Karras et al. 2022, arXiv 2206.00364, algorithm 1. {@code
 * HeunDiscreteScheduler} of diffusers.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param clipRange the range of predicted images, if the options ask for clipping
 */
public record HeunSampler(
    NoiseSchedule schedule, Prediction prediction, double clipRange, Options options)
    implements Sampler {

  /** The options. */
  public record Options(
      @Option("keep predicted images within the scheduler's clipRange") boolean clipSample,
      @Option("Karras' spacing between the first and the last level: equal steps of sigma^(1/7)")
          boolean karras,
      @Option("which times are visited; linspace also takes times between timesteps")
          Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(false, false, Spacing.LINSPACE, 0);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    LevelGrid grid = grid(sampling.steps());
    Clipping clipping = options.clipSample() ? new Clipping(clipRange) : Clipping.NONE;
    SigmaSpace space = new SigmaSpace(network, prediction, clipping);
    SamplingChain chain =
        SamplingChain.of(noise, SigmaSpace.start(grid, options.spacing()), sampling);
    for (int step = 0; step < grid.steps(); step++) {
      int i = step;
      double from = grid.sigma(i);
      double to = grid.sigma(i + 1);
      chain.step(
          x -> {
            NDArray image = space.image(x, from, grid.time(i));
            NDArray euler = SigmaSpace.euler(x, image, from, to);
            if (to == 0) {
              return euler;
            }
            NDArray slope = x.sub(image).div(from);
            NDArray endSlope = euler.sub(space.image(euler, to, grid.time(i + 1))).div(to);
            return x.add(slope.add(endSlope).mul((to - from) / 2));
          });
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
}
