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
import io.github.diffusionhost.plugins.ddpm.spacing.LevelGrid;
import io.github.diffusionhost.plugins.ddpm.spacing.Spacing;

/**
 * DPM-Solver++, multistep: of second order (2M, Lu et al. 2022, arXiv 2211.01095, algorithm 2), of
 * third order (equation 4.9 of DPM-Solver, arXiv 2206.00927, for the image), and of second order
 * for the stochastic equation (section 6). One network call a step; the first step and the last, to
 * no noise, are of first order, and with fewer than 15 steps the last but one is of second at most.
 * {@code DPMSolverMultistepScheduler} of diffusers, midpoint form.
 *
 * <p>The stochastic form draws noise [N,C,H,W] in every step, the last one included, after the
 * network's call.
 *
 * @param schedule the forward process
 * @param prediction what the network predicts
 * @param clipping of predicted images
 * @param form the order, and whether there is noise
 * @param timesBelow whether times of Karras' spacing are rounded down, as diffusers does with the
 *     cosine schedule, instead of to the nearest timestep
 */
public record DpmppSampler(
    NoiseSchedule schedule,
    Prediction prediction,
    Clipping clipping,
    Form form,
    boolean timesBelow,
    Options options)
    implements Sampler {
  private static final int FEW_STEPS = 15;

  /** The solvers of the family. */
  public enum Form {
    SECOND(2, false),
    THIRD(3, false),
    SECOND_SDE(2, true);

    private final int order;
    private final boolean stochastic;

    Form(int order, boolean stochastic) {
      this.order = order;
      this.stochastic = stochastic;
    }
  }

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
    try (History images = new History(form.order)) {
      for (int step = 0; step < grid.steps(); step++) {
        int i = step;
        chain.step(
            x -> {
              if (grid.stands(i)) {
                return x;
              }
              NDArray output = Evaluation.of(network, x, grid.time(i));
              images.add(clipping.apply(prediction.image(x, output, grid.mix(i))));
              NDArray next = update(x, images, grid, i);
              return form.stochastic
                  ? next.add(sampling.noise().normal(x.getShape()).mul(deviation(grid, i)))
                  : next;
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
        schedule, options.spacing(), options.stepsOffset(), options.karras(), timesBelow, steps);
  }

  /** The step from level i, without its noise. */
  private NDArray update(NDArray x, History images, LevelGrid grid, int i) {
    Mix from = grid.mix(i);
    Mix to = grid.mix(i + 1);
    double h = grid.lambda(i + 1) - grid.lambda(i);
    double ratio = to.noise() / from.noise();
    // The stochastic equation is the other one with steps of twice the length, and less of x kept.
    double g = form.stochastic ? 2 * h : h;
    double kept = form.stochastic ? ratio * Math.exp(-h) : ratio;
    NDArray newest = images.ago(0);
    double phi1 = -Math.expm1(-g);
    NDArray next = x.mul(kept).add(newest.mul(to.signal() * phi1));
    int before = grid.before(i);
    if (before < 0 || i + 1 == grid.steps()) {
      return next;
    }
    double r0 = (grid.lambda(i) - grid.lambda(before)) / h;
    NDArray slope0 = newest.sub(images.ago(1)).div(r0);
    int earlier = grid.before(before);
    boolean second = i + 2 == grid.steps() && grid.steps() < FEW_STEPS;
    if (form.order == 2 || earlier < 0 || second) {
      return next.add(slope0.mul(to.signal() * phi1 / 2));
    }
    double r1 = (grid.lambda(before) - grid.lambda(earlier)) / h;
    NDArray slope1 = images.ago(1).sub(images.ago(2)).div(r1);
    NDArray bend = slope0.sub(slope1).div(r0 + r1);
    NDArray slope = slope0.add(bend.mul(r0));
    double phi2 = Math.expm1(-g) / g + 1;
    double phi3 = phi2 / g - 0.5;
    return next.add(slope.mul(to.signal() * phi2)).sub(bend.mul(to.signal() * phi3));
  }

  /** The noise that a step of the stochastic equation adds. */
  private static double deviation(LevelGrid grid, int i) {
    double h = grid.lambda(i + 1) - grid.lambda(i);
    return grid.mix(i + 1).noise() * Math.sqrt(-Math.expm1(-2 * h));
  }
}
