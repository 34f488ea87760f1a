package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;
import io.github.diffusionhost.plugins.ddpm.process.Mix;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.spacing.SigmaTable;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

/**
 * Pseudo numerical methods: Liu et al. 2022, arXiv 2202.09778. Three pseudo Runge-Kutta steps of
 * four network calls (equation 13), then pseudo linear multistep (equation 12) of one call each;
 * every step moves along {@link #transfer} (equation 11). {@code PNDMScheduler} of diffusers, which
 * steps by {@code ⌊T/steps⌋} whatever the spacing.
 *
 * <p>As in diffusers, a network that predicts v has its outputs extrapolated as they are, and made
 * noise of only then; the method is then of first order. Fewer than four steps, which diffusers
 * refuses, take all but the last by Runge-Kutta.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts; diffusers knows no image prediction here, whose
 *     noise is found at each call
 */
public record PndmSampler(NoiseSchedule schedule, Prediction prediction, Options options)
    implements Sampler {
  private static final int RUNGE_KUTTA_STEPS = 3;
  private static final int MULTISTEPS = 4;

  /** The options. */
  public record Options(
      @Option("begin with a step of two network calls instead of three of four (PLMS)")
          boolean skipPrk,
      @Option("which timesteps are visited") Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset,
      @Option("the last step goes to the image without noise; false: to the first timestep's noise")
          boolean setAlphaToOne) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(false, Spacing.LEADING, 0, false);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    int steps = sampling.steps();
    int[] times = times(steps);
    int stride = schedule.timesteps() / steps;
    int rungeKutta = options.skipPrk() ? 0 : Math.min(RUNGE_KUTTA_STEPS, steps - 1);
    SamplingChain chain = SamplingChain.of(noise, 1, sampling);
    try (History outputs = new History(MULTISTEPS)) {
      for (int step = 0; step < steps; step++) {
        int i = step;
        chain.step(
            x -> {
              if (i < rungeKutta) {
                return rungeKutta(network, x, times[i], times[i + 1], stride / 2, outputs);
              } else if (options.skipPrk() && i == 0 && steps > 1) {
                return improvedEuler(network, x, times[0], times[1], stride, outputs);
              }
              outputs.add(output(network, x, times[i]));
              return transfer(x, multistep(outputs), times[i], times[i] - stride);
            });
      }
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

  /** Equation 13: the classical method with half a stride between its stages. */
  private NDArray rungeKutta(
      DenoisingNetwork network, NDArray x, int t, int next, int half, History outputs) {
    NDArray first = output(network, x, t);
    outputs.add(first);
    NDArray second = output(network, transfer(x, first, t, t - half), next + half);
    NDArray third = output(network, transfer(x, second, t, next + half), next + half);
    NDArray fourth = output(network, transfer(x, third, t, next), next);
    NDArray mean = first.add(second.add(third).mul(2)).add(fourth).div(6);
    return transfer(x, mean, t, next);
  }

  /** The start of PLMS: a step, and the step again with the mean of the outputs at its ends. */
  private NDArray improvedEuler(
      DenoisingNetwork network, NDArray x, int t, int next, int stride, History outputs) {
    NDArray first = output(network, x, t);
    outputs.add(first);
    NDArray second = output(network, transfer(x, first, t, t - stride), next);
    return transfer(x, first.add(second).div(2), next + stride, next);
  }

  /** Equation 12, of lower order while there are fewer than four outputs: Adams and Bashforth. */
  private static NDArray multistep(History e) {
    return switch (e.size()) {
      case 1 -> e.ago(0);
      case 2 -> e.ago(0).mul(3).sub(e.ago(1)).div(2);
      case 3 -> e.ago(0).mul(23).sub(e.ago(1).mul(16)).add(e.ago(2).mul(5)).div(12);
      default ->
          e.ago(0).mul(55).sub(e.ago(1).mul(59)).add(e.ago(2).mul(37)).sub(e.ago(3).mul(9)).div(24);
    };
  }

  /** The network's noise or v; of a predicted image the noise. */
  private NDArray output(DenoisingNetwork network, NDArray x, int t) {
    NDArray output = Evaluation.of(network, x, t);
    return prediction == Prediction.SAMPLE ? prediction.noise(x, output, mix(t)) : output;
  }

  /** φ of equation 11: the state at {@code next}, by the noise, or v, at {@code t}. */
  private NDArray transfer(NDArray x, NDArray output, int t, int next) {
    NDArray noise = prediction == Prediction.V ? prediction.noise(x, output, mix(t)) : output;
    double a = alphaCumprod(t);
    double b = alphaCumprod(next);
    double bottom = a * Math.sqrt(1 - b) + Math.sqrt(a * (1 - a) * b);
    return x.mul(Math.sqrt(b / a)).sub(noise.mul((b - a) / bottom));
  }

  private Mix mix(int t) {
    return Mix.ofAlphaCumprod(alphaCumprod(t));
  }

  /** ᾱ; beyond the first timestep as the options say. */
  private double alphaCumprod(int t) {
    return SigmaTable.alphaCumprod(schedule, options.setAlphaToOne() ? t : Math.max(0, t));
  }
}
