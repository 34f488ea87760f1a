package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;
import io.github.diffusionhost.plugins.fidelity.extract.Extractors;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.SameExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Extraction;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Reference;
import io.github.diffusionhost.plugins.fidelity.extract.reference.ReferenceWish;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.FeatureTable;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The features of all generated images, and those of as many reference images. */
final class CollectedFeatures implements AutoCloseable {
  private final MetricContext context;
  private final ReferenceOptions options;
  private final ImageShape shape;
  private final Extraction extraction;
  private final FeatureTable generated;
  private final ReferenceWish wish;

  CollectedFeatures(ExtractorOptions extractor, ReferenceOptions reference, MetricContext context)
      throws IOException {
    this.context = context;
    this.options = reference;
    this.shape = context.reference(reference.split()).shape();
    this.extraction = Extractors.open(extractor, context);
    this.generated = new FeatureTable(context.manager());
    this.wish = new ReferenceWish(ReferenceWish.Kind.FEATURES, this::reference);
    extraction.announce(wish);
  }

  void add(NDArray images) {
    GeneratedShape.check(images, shape);
    generated.add(extraction.features(images));
  }

  void save(DataOutput out) throws IOException {
    SameExtractor.write(extractor(), out);
    generated.save(out);
  }

  void restore(DataInput in) throws IOException {
    SameExtractor.check(extractor(), in);
    generated.restore(in);
  }

  FeatureExtractor extractor() {
    return extraction.extractor();
  }

  /** [N,D], owned by this. */
  NDArray generated() {
    return generated.rows();
  }

  /** As many as there are generated ones if nobody said how many. */
  Reference reference() throws IOException {
    return options.open(extraction, generated.size(), context);
  }

  Protocol protocol(Reference reference) {
    return new Protocol()
        .extractor(extractor())
        .with("generated images", generated.size())
        .reference(reference);
  }

  @Override
  public void close() {
    extraction.withdraw(wish);
    generated.close();
  }
}
