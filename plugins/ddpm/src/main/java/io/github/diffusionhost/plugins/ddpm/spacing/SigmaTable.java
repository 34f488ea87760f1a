package io.github.diffusionhost.plugins.ddpm.spacing;

import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;

/**
 * The timesteps of a noise schedule by {@code σ_t = √((1−ᾱ_t)/ᾱ_t)}, the noise beside an image of
 * full strength, and by times between them: Karras et al. 2022, arXiv 2206.00364, section 2. In
 * float64.
 *
 * <p>As in diffusers, ᾱ is rounded to float32 first, which moves the smallest σ by 1e-4 of it with
 * the paper's betas; and a last timestep of pure noise is taken for one with ᾱ = 2⁻²⁴, so that its
 * σ is finite.
 */
public final class SigmaTable {
  private static final double SMALLEST_ALPHA_CUMPROD = 0x1p-24;
  private static final double RHO = 7;

  private final double[] sigmas;

  /** The table of a noise schedule. */
  public SigmaTable(NoiseSchedule schedule) {
    this.sigmas = new double[schedule.timesteps()];
    for (int t = 0; t < sigmas.length; t++) {
      double bar = rounded(alphaCumprod(schedule, t));
      sigmas[t] = Math.sqrt((1 - bar) / bar);
    }
  }

  /** ᾱ_t where a sampler divides by it: never 0; 1 for t = −1. */
  public static double alphaCumprod(NoiseSchedule schedule, int t) {
    double bar = schedule.alphaCumprod(t);
    return bar == 0 ? SMALLEST_ALPHA_CUMPROD : bar;
  }

  /** ᾱ in float32; as it is where that would leave no noise at all. */
  private static double rounded(double bar) {
    float single = (float) bar;
    return single < 1 ? single : bar;
  }

  /** σ at a time in [0, T−1], linear between timesteps. */
  public double sigma(double time) {
    int below = (int) Math.min(Math.floor(time), sigmas.length - 1);
    int above = Math.min(below + 1, sigmas.length - 1);
    return sigmas[below] + (time - below) * (sigmas[above] - sigmas[below]);
  }

  /** The time of a σ, linear in ln σ between timesteps; within [0, T−1]. */
  public double time(double sigma) {
    int below = 0;
    while (below < sigmas.length - 2 && sigmas[below + 1] <= sigma) {
      below++;
    }
    if (sigmas.length == 1) {
      return 0;
    }
    double low = Math.log(sigmas[below]);
    double high = Math.log(sigmas[below + 1]);
    double share = (Math.log(sigma) - low) / (high - low);
    return below + Math.max(0, Math.min(1, share));
  }

  /**
   * From the largest σ to the smallest, equal steps of its seventh root: Karras et al. 2022,
   * equation 5.
   *
   * @param steps how many
   */
  public double[] karras(int steps) {
    return karras(steps, sigmas[sigmas.length - 1], sigmas[0]);
  }

  /** As {@link #karras(int)}, between two levels. */
  static double[] karras(int steps, double from, double to) {
    double least = Math.pow(to, 1 / RHO);
    double most = Math.pow(from, 1 / RHO);
    double[] spaced = new double[steps];
    for (int i = 0; i < steps; i++) {
      double ramp = steps == 1 ? 0 : (double) i / (steps - 1);
      spaced[i] = Math.pow(most + ramp * (least - most), RHO);
    }
    return spaced;
  }
}
