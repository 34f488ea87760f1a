package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Reference;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A metric that compares all features of generated images with all of reference images. */
abstract class FeatureComparison implements ResumableMetric {
  private final CollectedFeatures features;

  FeatureComparison(CollectedFeatures features) {
    this.features = features;
  }

  /**
   * Compares.
   *
   * @param real features [N,D] of the reference images
   * @param generated features [M,D] of the generated ones
   * @param protocol takes what else the values depend on
   * @return the values in the order to show them
   */
  abstract Map<String, Double> compare(NDArray real, NDArray generated, Protocol protocol);

  FeatureExtractor extractor() {
    return features.extractor();
  }

  @Override
  public void add(NDArray images, @Nullable NDArray labels) {
    features.add(images);
  }

  @Override
  public void save(DataOutput out) throws IOException {
    features.save(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    features.restore(in);
  }

  @Override
  public MetricReport report() throws IOException {
    NDArray generated = features.generated();
    Reference reference = features.reference();
    try (NDArray real = reference.features()) {
      Protocol protocol = features.protocol(reference);
      Map<String, Double> values = compare(real, generated, protocol);
      return new MetricReport(values, List.of(), protocol.entries());
    }
  }

  @Override
  public void close() {
    features.close();
  }
}
