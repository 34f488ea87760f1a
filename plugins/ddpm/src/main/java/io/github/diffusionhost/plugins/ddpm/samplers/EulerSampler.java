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
 * Euler's method for {@code dx/dσ = (x − x0(x, σ)) / σ}, x = x0 + σ·eps: Karras et al. 2022, arXiv
 * 2206.00364, algorithm 1 without its second stage. One network call a step. {@code
 * EulerDiscreteScheduler} of diffusers.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 */
public record EulerSampler(NoiseSchedule schedule, Prediction prediction, Options options)
    implements Sampler {

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
    for (int step = 0; step < grid.steps(); step++) {
      int i = step;
      chain.step(
          x -> {
            NDArray image = space.image(x, grid.sigma(i), grid.time(i));
            return SigmaSpace.euler(x, image, grid.sigma(i), grid.sigma(i + 1));
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
