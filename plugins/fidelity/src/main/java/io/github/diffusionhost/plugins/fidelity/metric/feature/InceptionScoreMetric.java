package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.Extractors;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.SameExtractor;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.FeatureTable;
import io.github.diffusionhost.plugins.fidelity.stats.InceptionScore;
import io.github.diffusionhost.plugins.fidelity.stats.MeanAndDeviation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Inception Score of generated images; it looks at no reference. */
final class InceptionScoreMetric implements ResumableMetric {
  private final InceptionScoreOptions options;
  private final FeatureExtractor extractor;
  private final FeatureTable probabilities;

  InceptionScoreMetric(InceptionScoreOptions options, MetricContext context) throws IOException {
    this.options = options;
    this.extractor = Extractors.open(options.extractor(), context).extractor();
    this.probabilities = new FeatureTable(context.manager());
  }

  @Override
  public void add(NDArray images, @Nullable NDArray labels) {
    ArrayScope.run(
        () -> {
          probabilities.add(extractor.probabilities(images));
        });
  }

  @Override
  public void save(DataOutput out) throws IOException {
    SameExtractor.write(extractor, out);
    probabilities.save(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    SameExtractor.check(extractor, in);
    probabilities.restore(in);
  }

  @Override
  public MetricReport report() {
    MeanAndDeviation score = InceptionScore.of(probabilities.rows(), options.splits());
    String name =
        extractor.distanceName().equals("fid") ? "inception-score" : "is-" + extractor.name();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(name, score.mean());
    values.put(name + "-std", score.deviation());
    Protocol protocol =
        new Protocol()
            .extractor(extractor)
            .with("generated images", probabilities.size())
            .with("splits", options.splits());
    return new MetricReport(values, List.of(), protocol.entries());
  }

  @Override
  public void close() {
    probabilities.close();
  }
}
