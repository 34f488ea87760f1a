package io.github.diffusionhost.engine.posthoc;

/**
 * The profile of a power-function average (Karras et al. 2023, arXiv 2312.02696, section 3.1): at
 * time T of a training, the weights of time t count in proportion to t<sup>γ</sup>.
 *
 * @param exponent γ, from 0 (the mean of the whole training) on
 */
public record PowerFunction(double exponent) {
  /** Checks the exponent. */
  public PowerFunction {
    if (!(exponent >= 0) || Double.isInfinite(exponent)) {
      throw new IllegalArgumentException(
          "the exponent of a power-function average is a number from 0 on, not " + exponent);
    }
  }

  /**
   * The profile of a relative width: the largest real root of γ³ + 7γ² + (16 − w⁻²)γ + 12 − w⁻²
   * (equation 126), to which Newton's method descends from 1/w, where the cubic is positive.
   *
   * @param width the standard deviation of t over T; above 0, at most 1/√12
   */
  public static PowerFunction ofWidth(double width) {
    if (!(width > 0) || width > 1 / Math.sqrt(12)) {
      throw new IllegalArgumentException(
          "the relative width of a power-function average lies above 0 and up to 1/sqrt(12) ="
              + " 0.2886, not at "
              + width);
    }
    double t = 1 / (width * width);
    double exponent = 1 / width;
    double next = exponent;
    do {
      exponent = next;
      double value = ((exponent + 7) * exponent + 16 - t) * exponent + 12 - t;
      double slope = (3 * exponent + 14) * exponent + 16 - t;
      next = exponent - value / slope;
    } while (next < exponent);
    return new PowerFunction(Math.max(0, exponent));
  }

  /** The standard deviation of t over T (equation 123). */
  public double width() {
    double g = exponent;
    return Math.sqrt((g + 1) / ((g + 2) * (g + 2) * (g + 3)));
  }

  /**
   * The decay β of an update, in {@code ema = β·ema + (1−β)·weights} (equation 127). That of the
   * first one is 0: it copies the weights.
   *
   * @param next the time after the update, such as images seen
   * @param delta how far the update takes the time, at most {@code next}
   */
  public double beta(double next, double delta) {
    return Math.pow(1 - delta / next, exponent + 1);
  }
}
