package io.github.diffusionhost.plugins.ddpm.process;

/**
 * The distribution of x at an earlier timestep s, given x_t and the image: {@code N(meanImage·x0 +
 * meanState·x_t, variance)}. With {@code β̃ = 1 − ᾱ_t/ᾱ_s}, β_t itself where s = t − 1:
 *
 * <ul>
 *   <li>{@code meanImage = √ᾱ_s·β̃ / (1−ᾱ_t)} and {@code meanState = √(ᾱ_t/ᾱ_s)·(1−ᾱ_s) / (1−ᾱ_t)},
 *   <li>{@code fixedSmall = (1−ᾱ_s)/(1−ᾱ_t)·β̃}, at least 1e-20, the posterior's own variance,
 *   <li>{@code fixedLarge = β̃}, the upper bound.
 * </ul>
 *
 * <p>Ho et al. 2020, arXiv 2006.11239, equations 6 and 7; section 3.2 for the two variances.
 *
 * @param meanImage the coefficient of x0
 * @param meanState the coefficient of x_t
 * @param fixedSmall the smaller variance
 * @param fixedLarge the larger variance
 */
public record Posterior(double meanImage, double meanState, double fixedSmall, double fixedLarge) {
  private static final double SMALLEST = 1e-20;

  /**
   * The posterior of one step.
   *
   * @param t where the state is
   * @param previous s, below t; −1 for the image
   */
  public static Posterior of(NoiseSchedule schedule, int t, int previous) {
    double now = schedule.alphaCumprod(t);
    double next = schedule.alphaCumprod(previous);
    double beta = 1 - now / next;
    return new Posterior(
        Math.sqrt(next) * beta / (1 - now),
        Math.sqrt(now / next) * (1 - next) / (1 - now),
        Math.max((1 - next) / (1 - now) * beta, SMALLEST),
        beta);
  }

  /** The variance of the noise that a step adds. */
  public double variance(Variance variance) {
    return switch (variance) {
      case FIXED_SMALL -> fixedSmall;
      case FIXED_LARGE -> fixedLarge;
    };
  }
}
