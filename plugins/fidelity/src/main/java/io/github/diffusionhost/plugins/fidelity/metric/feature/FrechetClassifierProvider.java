package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** A Fréchet distance for grey images and machines without a network; not FID. */
@Extension
public final class FrechetClassifierProvider implements MetricProvider<FrechetClassifierOptions> {
  @Override
  public String name() {
    return "fd-classifier";
  }

  @Override
  public String summary() {
    return "Fréchet distance of the features of a classifier that is trained on the dataset";
  }

  @Override
  public FrechetClassifierOptions defaults() {
    return new FrechetClassifierOptions(ReferenceOptions.TRAIN);
  }

  @Override
  public Metric create(FrechetClassifierOptions options, MetricContext context) throws IOException {
    return new FrechetMetric(
        new FrechetOptions(ExtractorOptions.CLASSIFIER, options.reference()), context);
  }
}
