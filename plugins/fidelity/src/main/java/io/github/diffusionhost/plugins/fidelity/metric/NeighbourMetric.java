package io.github.diffusionhost.plugins.fidelity.metric;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.Reference;
import io.github.diffusionhost.plugins.fidelity.stats.Manifolds;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Measures of how the sets of real and generated features lie in each other. */
final class NeighbourMetric implements ResumableMetric {
  private final NeighbourOptions options;
  private final Map<String, ToDoubleFunction<Manifolds>> measures;
  private final CollectedFeatures features;

  private NeighbourMetric(
      NeighbourOptions options,
      MetricContext context,
      Map<String, ToDoubleFunction<Manifolds>> measures)
      throws IOException {
    this.options = options;
    this.measures = measures;
    this.features = new CollectedFeatures(options.extractor(), options.reference(), context);
  }

  static Metric precisionRecall(NeighbourOptions options, MetricContext context)
      throws IOException {
    Map<String, ToDoubleFunction<Manifolds>> measures = new LinkedHashMap<>();
    measures.put("precision", Manifolds::precision);
    measures.put("recall", Manifolds::recall);
    return new NeighbourMetric(options, context, measures);
  }

  static Metric densityCoverage(NeighbourOptions options, MetricContext context)
      throws IOException {
    Map<String, ToDoubleFunction<Manifolds>> measures = new LinkedHashMap<>();
    measures.put("density", Manifolds::density);
    measures.put("coverage", Manifolds::coverage);
    return new NeighbourMetric(options, context, measures);
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
      Manifolds manifolds = new Manifolds(real, generated, options.k());
      Map<String, Double> values = new LinkedHashMap<>();
      measures.forEach((name, measure) -> values.put(name, measure.applyAsDouble(manifolds)));
      Protocol protocol = features.protocol(reference).with("k", options.k());
      return new MetricReport(values, List.of(), protocol.entries());
    }
  }

  @Override
  public void close() {
    features.close();
  }
}
