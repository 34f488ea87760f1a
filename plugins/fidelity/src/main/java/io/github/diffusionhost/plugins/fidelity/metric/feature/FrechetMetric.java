package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.Extractors;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.SameExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Extraction;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Reference;
import io.github.diffusionhost.plugins.fidelity.extract.reference.ReferenceWish;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.FrechetDistance;
import io.github.diffusionhost.plugins.fidelity.stats.Moments;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Fréchet distance of generated images to the reference; no features are kept. */
final class FrechetMetric implements ResumableMetric {
  /** With fewer images the distance is visibly too large: Heusel et al. 2017, appendix A1. */
  private static final int FEW = 10_000;

  private final MetricContext context;
  private final ReferenceOptions reference;
  private final ImageShape shape;
  private final Extraction extraction;
  private final Moments moments;
  private final ReferenceWish wish;

  FrechetMetric(FrechetOptions options, MetricContext context) throws IOException {
    this.context = context;
    this.reference = options.reference();
    this.shape = context.reference(reference.split()).shape();
    this.extraction = Extractors.open(options.extractor(), context);
    this.moments = new Moments(context.manager());
    this.wish = new ReferenceWish(ReferenceWish.Kind.MOMENTS, this::reference);
    extraction.announce(wish);
  }

  private Reference reference() throws IOException {
    return reference.open(extraction, context);
  }

  @Override
  public void add(NDArray images, @Nullable NDArray labels) {
    GeneratedShape.check(images, shape);
    moments.add(extraction.features(images));
  }

  @Override
  public void save(DataOutput out) throws IOException {
    SameExtractor.write(extraction.extractor(), out);
    moments.save(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    SameExtractor.check(extraction.extractor(), in);
    moments.restore(in);
  }

  @Override
  public MetricReport report() throws IOException {
    FeatureExtractor extractor = extraction.extractor();
    Reference real = reference();
    double distance =
        FrechetDistance.between(real.moments(), moments.gaussian(), context.manager());
    Protocol protocol =
        new Protocol()
            .extractor(extractor)
            .with("generated images", moments.count())
            .reference(real);
    if (moments.count() < FEW) {
      protocol.with("note", "fewer than 10,000 samples: biased upwards");
    }
    return new MetricReport(
        Map.of(extractor.distanceName(), distance), List.of(), protocol.entries());
  }

  @Override
  public void close() {
    extraction.withdraw(wish);
    moments.close();
  }
}
