package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** KID: Bińkowski et al. 2018, arXiv 1801.01401. */
@Extension
public final class KidProvider implements MetricProvider<KidOptions> {
  @Override
  public String name() {
    return "kid";
  }

  @Override
  public String summary() {
    return "kernel distance of Inception features: KID, unbiased";
  }

  @Override
  public KidOptions defaults() {
    return new KidOptions(ExtractorOptions.INCEPTION, ReferenceOptions.TRAIN, 100, 1000);
  }

  @Override
  public Metric create(KidOptions options, MetricContext context) throws IOException {
    return new KidMetric(options, context);
  }
}
