package io.github.diffusionhost.api;

import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import java.io.IOException;

/**
 * Contributes a metric.
 *
 * @param <O> the options record
 */
public non-sealed interface MetricProvider<O extends Record> extends Provider<O> {
  /**
   * Starts one evaluation; the caller closes what it gets.
   *
   * @throws IOException if files that the metric needs cannot be had
   * @throws IllegalArgumentException if the options do not fit the images or each other
   */
  Metric create(O options, MetricContext context) throws IOException;

  @Override
  default ProviderKind kind() {
    return ProviderKind.METRIC;
  }
}
