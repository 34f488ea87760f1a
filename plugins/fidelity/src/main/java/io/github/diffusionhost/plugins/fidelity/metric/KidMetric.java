package io.github.diffusionhost.plugins.fidelity.metric;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.Reference;
import io.github.diffusionhost.plugins.fidelity.stats.KernelDistance;
import io.github.diffusionhost.plugins.fidelity.stats.MeanAndDeviation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kernel distance of generated images to the reference. */
final class KidMetric implements ResumableMetric {
  private final KidOptions options;
  private final long seed;
  private final CollectedFeatures features;

  KidMetric(KidOptions options, MetricContext context) throws IOException {
    this.options = options;
    this.seed = context.seed();
    this.features = new CollectedFeatures(options.extractor(), options.reference(), context);
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
      long fewest = Math.min(real.getShape().get(0), generated.getShape().get(0));
      int size = (int) Math.min(options.subsetSize(), fewest);
      MeanAndDeviation found =
          KernelDistance.bySubsets(real, generated, options.subsets(), size, seed);
      String name = features.extractor().distanceName().equals("fid") ? "kid" : other();
      Map<String, Double> values = new LinkedHashMap<>();
      values.put(name, found.mean());
      values.put(name + "-std", found.deviation());
      Protocol protocol =
          features
              .protocol(reference)
              .with("subsets", options.subsets() + " of " + size)
              .with("seed", seed);
      return new MetricReport(values, List.of(), protocol.entries());
    }
  }

  private String other() {
    return "kd-" + features.extractor().name();
  }

  @Override
  public void close() {
    features.close();
  }
}
