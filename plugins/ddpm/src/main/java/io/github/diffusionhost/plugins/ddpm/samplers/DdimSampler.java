package io.github.diffusionhost.plugins.ddpm.samplers;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;
import io.github.diffusionhost.plugins.ddpm.process.Clipping;
import io.github.diffusionhost.plugins.ddpm.process.Mix;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

/**
 * Denoising diffusion implicit models: Song et al. 2020, arXiv 2010.02502, equations 12 and 16.
 * {@code DDIMScheduler} of diffusers, which steps from t to {@code t − ⌊T/steps⌋} whatever the
 * spacing, and clips the predicted image but not the noise that points back to it.
 *
 * <p>With eta above 0, draws noise [N,C,H,W] in every step, the last one included, after the
 * network's call.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param clipping of predicted images
 */
public record DdimSampler(
    NoiseSchedule schedule, Prediction prediction, Clipping clipping, Options options)
    implements Sampler {

  /** The options. */
  public record Options(
      @Option(
              value = "share of the ancestral noise: 0 draws none, 1 is ancestral sampling",
              min = 0)
          double eta,
      @Option("which timesteps are visited") Spacing spacing,
      @Option(value = "spacing: leading: added to every timestep", min = 0) int stepsOffset,
      @Option("the last step goes to the image without noise; false: to the first timestep's noise")
          boolean setAlphaToOne) {
    /** As in diffusers. */
    public static final Options DEFAULTS = new Options(0, Spacing.LEADING, 0, true);
  }

  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    int[] times = times(sampling.steps());
    int stride = schedule.timesteps() / sampling.steps();
    SamplingChain chain = SamplingChain.of(noise, 1, sampling);
    for (int t : times) {
      Mix mix = schedule.mix(t);
      Mix previous = Mix.ofAlphaCumprod(alphaCumprod(t - stride));
      double deviation = deviation(t, t - stride);
      double left = previous.noise() * previous.noise() - deviation * deviation;
      double direction = Math.sqrt(Math.max(0, left));
      chain.step(
          x -> {
            NDArray output = Evaluation.of(network, x, t);
            NDArray image = clipping.apply(prediction.image(x, output, mix));
            NDArray back = prediction.noise(x, output, mix);
            NDArray next = image.mul(previous.signal()).add(back.mul(direction));
            return options.eta() > 0
                ? next.add(sampling.noise().normal(x.getShape()).mul(deviation))
                : next;
          });
    }
    return chain.state();
  }

  @Override
  public void checkSteps(int steps) {
    times(steps);
  }

  private int[] times(int steps) {
    int[] times = options.spacing().whole(schedule.timesteps(), steps, options.stepsOffset());
    requireRoom(times, schedule.timesteps() / steps);
    return times;
  }

  /** ᾱ; beyond the first timestep as the options say. */
  private double alphaCumprod(int t) {
    return schedule.alphaCumprod(options.setAlphaToOne() ? t : Math.max(0, t));
  }

  /** σ of equation 16. */
  private double deviation(int t, int previous) {
    return options.eta() * Math.sqrt(posteriorVariance(t, previous));
  }

  private double posteriorVariance(int t, int previous) {
    double now = schedule.alphaCumprod(t);
    double next = alphaCumprod(previous);
    return (1 - next) / (1 - now) * (1 - now / next);
  }

  /** A step can add no more noise than the level that it goes to has. */
  private void requireRoom(int[] times, int stride) {
    for (int t : times) {
      double room = 1 - alphaCumprod(t - stride);
      double variance = posteriorVariance(t, t - stride);
      if (variance > 0 && options.eta() * options.eta() * variance > room) {
        throw new IllegalArgumentException(
            "eta "
                + options.eta()
                + " would add more noise at timestep "
                + t
                + " than the next one has: with "
                + times.length
                + " steps eta can be at most "
                + (float) Math.sqrt(room / variance)
                + " there; 1 is always possible");
      }
    }
  }
}
