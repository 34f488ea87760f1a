package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.Manifolds;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Measures of how the sets of real and generated features lie in each other. */
final class NeighbourMetric extends FeatureComparison {
  private final int k;
  private final Map<String, ToDoubleFunction<Manifolds>> measures;

  private NeighbourMetric(
      NeighbourOptions options,
      MetricContext context,
      Map<String, ToDoubleFunction<Manifolds>> measures)
      throws IOException {
    super(new CollectedFeatures(options.extractor(), options.reference(), context));
    this.k = options.k();
    this.measures = measures;
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
  Map<String, Double> compare(NDArray real, NDArray generated, Protocol protocol) {
    protocol.with("k", k);
    Manifolds manifolds = new Manifolds(real, generated, k);
    Map<String, Double> values = new LinkedHashMap<>();
    measures.forEach((name, measure) -> values.put(name, measure.applyAsDouble(manifolds)));
    return values;
  }
}
