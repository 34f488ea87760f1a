package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** Improved precision and recall: Kynkäänniemi et al. 2019, arXiv 1904.06991. */
@Extension
public final class PrecisionRecallProvider implements MetricProvider<NeighbourOptions> {
  @Override
  public String name() {
    return "precision-recall";
  }

  @Override
  public String summary() {
    return "improved precision and recall: fidelity and variety, by nearest neighbours";
  }

  @Override
  public NeighbourOptions defaults() {
    return new NeighbourOptions(ExtractorOptions.INCEPTION, ReferenceOptions.TRAIN, 3);
  }

  @Override
  public Metric create(NeighbourOptions options, MetricContext context) throws IOException {
    return NeighbourMetric.precisionRecall(options, context);
  }
}
