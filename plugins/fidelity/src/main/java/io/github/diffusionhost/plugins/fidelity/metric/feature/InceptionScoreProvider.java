package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** Inception Score: Salimans et al. 2016, arXiv 1606.03498. */
@Extension
public final class InceptionScoreProvider implements MetricProvider<InceptionScoreOptions> {
  @Override
  public String name() {
    return "inception-score";
  }

  @Override
  public String summary() {
    return "Inception Score";
  }

  @Override
  public InceptionScoreOptions defaults() {
    return new InceptionScoreOptions(ExtractorOptions.INCEPTION, 10);
  }

  @Override
  public Metric create(InceptionScoreOptions options, MetricContext context) throws IOException {
    return new InceptionScoreMetric(options, context);
  }
}
