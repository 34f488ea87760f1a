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
 * UniPC of second order with {@code B(h) = e^h − 1} and data prediction: Zhao et al. 2023, arXiv
 * 2302.04867, algorithms 5 to 8. One network call a step: it corrects the step before, whose result
 * it was made from, and predicts the next. {@code UniPCMultistepScheduler} of diffusers, bh2.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param clipping of predicted images
 */
public record UniPcSampler(
    NoiseSchedule schedule, Prediction prediction, Clipping clipping, Options options)
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
    SamplingChain chain = SamplingChain.of(noise, 1, sampling);
    try (History images = new History(2);
        History states = new History(1)) {
      for (int step = 0; step < grid.steps(); step++) {
        int i = step;
        chain.step(
            x -> {
              if (grid.stands(i)) {
                return x;
              }
              NDArray output = Evaluation.of(network, x, grid.time(i));
              NDArray image = clipping.apply(prediction.image(x, output, grid.mix(i)));
              NDArray corrected =
                  grid.before(i) < 0
                      ? x.duplicate()
                      : correct(states.ago(0), image, images, grid, i);
              images.add(image);
              states.add(corrected);
              return predict(corrected, images, grid, i);
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
    return LevelGrid.whole(
        schedule, options.spacing(), options.stepsOffset(), options.karras(), false, steps);
  }

  /** UniP: from level i to the next; of first order at the first level and at the last. */
  private static NDArray predict(NDArray x, History images, LevelGrid grid, int i) {
    Exponential step = Exponential.between(grid, i, i + 1);
    NDArray newest = images.ago(0);
    NDArray next = step.firstOrder(x, newest);
    int before = grid.before(i);
    if (before < 0 || i + 1 == grid.steps()) {
      return next;
    }
    double r = (grid.lambda(before) - grid.lambda(i)) / step.h();
    return next.sub(images.ago(1).sub(newest).mul(step.scale() * 0.5 / r));
  }

  /**
   * UniC: the step to level i again, now that the image at its end is known.
   *
   * @param x the state that the step began with
   * @param image the image at level i
   * @param images those before it
   */
  private static NDArray correct(NDArray x, NDArray image, History images, LevelGrid grid, int i) {
    int from = grid.before(i);
    Exponential step = Exponential.between(grid, from, i);
    NDArray newest = images.ago(0);
    NDArray change = image.sub(newest);
    NDArray next = step.firstOrder(x, newest);
    int before = grid.before(from);
    if (before < 0) {
      return next.sub(change.mul(step.scale() * 0.5));
    }
    double r = (grid.lambda(before) - grid.lambda(from)) / step.h();
    // [1 1; r 1] [rhoBefore rho] = [b1 b2]
    double rhoBefore = (step.b1() - step.b2()) / (1 - r);
    double rho = step.b1() - rhoBefore;
    return next.sub(images.ago(1).sub(newest).mul(step.scale() * rhoBefore / r))
        .sub(change.mul(step.scale() * rho));
  }

  /**
   * The coefficients of a step between two levels.
   *
   * @param ratio noise after the step by noise before it
   * @param scale signal after the step times {@code e^(−h) − 1}
   * @param h the growth of λ
   */
  private record Exponential(double ratio, double scale, double h) {
    static Exponential between(LevelGrid grid, int from, int to) {
      double h = grid.lambda(to) - grid.lambda(from);
      return new Exponential(
          grid.mix(to).noise() / grid.mix(from).noise(), grid.mix(to).signal() * Math.expm1(-h), h);
    }

    NDArray firstOrder(NDArray x, NDArray image) {
      return x.mul(ratio).sub(image.mul(scale));
    }

    /** {@code h·φ₂(−h) / B(h)}. */
    double b1() {
      return (Math.expm1(-h) / -h - 1) / Math.expm1(-h);
    }

    /** {@code 2·h²·φ₃(−h) / B(h)}. */
    double b2() {
      return 2 * ((Math.expm1(-h) / -h - 1) / -h - 0.5) / Math.expm1(-h);
    }
  }
}
