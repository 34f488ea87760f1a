package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** FID: Heusel et al. 2017, arXiv 1706.08500. */
@Extension
public final class FidProvider implements MetricProvider<FrechetOptions> {
  @Override
  public String name() {
    return "fid";
  }

  @Override
  public String summary() {
    return "Fréchet distance of Inception features: FID";
  }

  @Override
  public FrechetOptions defaults() {
    return new FrechetOptions(ExtractorOptions.INCEPTION, ReferenceOptions.TRAIN);
  }

  @Override
  public Metric create(FrechetOptions options, MetricContext context) throws IOException {
    return new FrechetMetric(options, context);
  }
}
