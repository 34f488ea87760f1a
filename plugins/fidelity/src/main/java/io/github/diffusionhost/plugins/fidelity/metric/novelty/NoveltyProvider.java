package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import io.github.diffusionhost.api.MetricProvider;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import java.io.IOException;
import org.pf4j.Extension;

/** Whether generated images are copies of training images. */
@Extension
public final class NoveltyProvider implements MetricProvider<NoveltyOptions> {
  @Override
  public String name() {
    return "novelty";
  }

  @Override
  public String summary() {
    return "distance of each sample to its nearest training image, and the nearest pairs as a figure";
  }

  @Override
  public NoveltyOptions defaults() {
    return new NoveltyOptions(NoveltyOptions.Space.PIXELS, ExtractorOptions.CLASSIFIER, true, 16);
  }

  @Override
  public Metric create(NoveltyOptions options, MetricContext context) throws IOException {
    return new NoveltyMetric(options, context);
  }
}
