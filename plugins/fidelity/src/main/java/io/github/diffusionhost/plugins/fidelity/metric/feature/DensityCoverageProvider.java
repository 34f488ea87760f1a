package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** Density and coverage: Naeem et al. 2020, arXiv 2002.09797. */
@Extension
public final class DensityCoverageProvider implements MetricProvider<NeighbourOptions> {
  @Override
  public String name() {
    return "density-coverage";
  }

  @Override
  public String summary() {
    return "density and coverage: fidelity and variety, by nearest neighbours of real images";
  }

  @Override
  public NeighbourOptions defaults() {
    return new NeighbourOptions(ExtractorOptions.INCEPTION, ReferenceOptions.TRAIN, 5);
  }

  @Override
  public Metric create(NeighbourOptions options, MetricContext context) throws IOException {
    return NeighbourMetric.densityCoverage(options, context);
  }
}
