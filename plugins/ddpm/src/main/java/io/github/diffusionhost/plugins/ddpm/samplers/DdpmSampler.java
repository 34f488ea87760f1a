package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;
import io.github.diffusionhost.plugins.ddpm.process.Clipping;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Posterior;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.process.Variance;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

/**
 * Ancestral sampling: Ho et al. 2020, arXiv 2006.11239, algorithm 2, on some of the timesteps as in
 * Nichol and Dhariwal 2021, arXiv 2102.09672, section 4. {@code DDPMScheduler} of diffusers.
 *
 * <p>Draws noise [N,C,H,W] in every step but one at t = 0, after the network's call.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param clipping of predicted images
 * @param variance of a step's noise
 */
public record DdpmSampler(
    NoiseSchedule schedule,
    Prediction prediction,
    Clipping clipping,
    Variance variance,
    Options options)
    implements Sampler {

  /** The options. */
  public record Options(
      @Option("which timesteps are visited") Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(Spacing.LEADING, 0);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    int[] times = times(sampling.steps());
    SamplingChain chain = SamplingChain.of(noise, 1, sampling);
    for (int i = 0; i < times.length; i++) {
      int t = times[i];
      int previous = i + 1 < times.length ? times[i + 1] : -1;
      chain.step(x -> step(x, Evaluation.of(network, x, t), t, previous, sampling.noise()));
    }
    return chain.state();
  }

  @Override
  public void checkSteps(int steps) {
    times(steps);
  }

  private int[] times(int steps) {
    return options.spacing().whole(schedule.timesteps(), steps, options.stepsOffset());
  }

  /**
   * One step.
   *
   * @param x the state at t [N,C,H,W]
   * @param output the network's, [N,C,H,W]
   * @param t from 0
   * @param previous the timestep that the step goes to, below t; -1 for the image
   * @param noise draws once, unless t is 0
   */
  public NDArray step(NDArray x, NDArray output, int t, int previous, Noise noise) {
    Posterior posterior = Posterior.of(schedule, t, previous);
    NDArray image = clipping.apply(prediction.image(x, output, schedule.mix(t)));
    NDArray mean = image.mul(posterior.meanImage()).add(x.mul(posterior.meanState()));
    if (t == 0) {
      return mean;
    }
    double deviation = Math.sqrt(posterior.variance(variance));
    return mean.add(noise.normal(x.getShape()).mul(deviation));
  }
}
