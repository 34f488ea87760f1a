package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.KernelDistance;
import io.github.diffusionhost.plugins.fidelity.stats.MeanAndDeviation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The kernel distance of generated images to the reference. */
final class KidMetric extends FeatureComparison {
  private final KidOptions options;
  private final long seed;

  KidMetric(KidOptions options, MetricContext context) throws IOException {
    super(new CollectedFeatures(options.extractor(), options.reference(), context));
    this.options = options;
    this.seed = context.seed();
  }

  @Override
  Map<String, Double> compare(NDArray real, NDArray generated, Protocol protocol) {
    long fewest = Math.min(real.getShape().get(0), generated.getShape().get(0));
    int size = (int) Math.min(options.subsetSize(), fewest);
    MeanAndDeviation found =
        KernelDistance.bySubsets(real, generated, options.subsets(), size, seed);
    boolean published = extractor().distanceName().equals("fid");
    String name = published ? "kid" : "kd-" + extractor().name();
    protocol.with("subsets", options.subsets() + " of " + size).with("seed", seed);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(name, found.mean());
    values.put(name + "-std", found.deviation());
    return values;
  }
}
