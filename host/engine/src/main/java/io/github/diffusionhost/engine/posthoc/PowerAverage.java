package io.github.diffusionhost.engine.posthoc;

/**
 * A power-function average as it was at some time of the training: one snapshot, or one that is
 * wanted. As a function of time it is the density (γ + 1)·t<sup>γ</sup> / T<sup>γ+1</sup> on [0, T]
 * (equation 121 of Karras et al. 2023, arXiv 2312.02696).
 *
 * @param time T, in steps or images
 * @param width its relative width, as in {@link PowerFunction#ofWidth}
 */
public record PowerAverage(double time, double width) {
  /** Checks the numbers. */
  public PowerAverage {
    if (!(time > 0) || Double.isInfinite(time)) {
      throw new IllegalArgumentException("an average has a time above 0, not " + time);
    }
    PowerFunction.ofWidth(width);
  }

  /** ∫ p(t) q(t) dt of the two densities (equation 151), without powers of large numbers. */
  public double dot(PowerAverage other) {
    double a = exponent();
    double b = other.exponent();
    double share =
        time < other.time ? Math.pow(time / other.time, b) : Math.pow(other.time / time, a);
    return (a + 1) * (b + 1) * share / ((a + b + 1) * Math.max(time, other.time));
  }

  private double exponent() {
    return PowerFunction.ofWidth(width).exponent();
  }
}
