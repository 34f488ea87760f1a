package io.github.diffusionhost.plugins.fidelity.stats;

/**
 * A mean and how far the values lie from it.
 *
 * @param deviation the population's standard deviation, divisor n
 */
public record MeanAndDeviation(double mean, double deviation) {
  static MeanAndDeviation of(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double variance = 0;
    for (double value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    return new MeanAndDeviation(mean, Math.sqrt(variance));
  }
}
