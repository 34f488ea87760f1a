package io.github.diffusionhost.plugins.fidelity.extract;

import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.classifier.ClassifierExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Extraction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The extractors of one evaluation: metrics that name the same one share it. */
public final class Extractors implements AutoCloseable {
  private final Map<ExtractorOptions, Extraction> open = new LinkedHashMap<>();
  private final MetricContext context;

  private Extractors(MetricContext context) {
    this.context = context;
  }

  /**
   * Returns the extractor, made by the first call.
   *
   * @throws IOException if its file cannot be had
   * @throws IllegalArgumentException if it does not fit the dataset
   */
  public static Extraction open(ExtractorOptions options, MetricContext context)
      throws IOException {
    return context.shared(Extractors.class, Extractors::new).open(options);
  }

  private Extraction open(ExtractorOptions options) throws IOException {
    Extraction extraction = open.get(options);
    if (extraction == null) {
      extraction = new Extraction(make(options, context), context.manager());
      open.put(options, extraction);
    }
    return extraction;
  }

  private static FeatureExtractor make(ExtractorOptions options, MetricContext context)
      throws IOException {
    return switch (options.use()) {
      case InceptionExtractor.NAME ->
          new InceptionExtractor(options.path(), InceptionExtractor.PUBLISHED, context);
      case ClassifierExtractor.NAME -> new ClassifierExtractor(context);
      default ->
          new ScriptExtractor(
              file(options, context), options.range(), options.resize(), options.rgb(), context);
    };
  }

  /** A relative file lies in the working directory or else in the data folder. */
  private static Path file(ExtractorOptions options, MetricContext context) {
    Path file = Path.of(options.use().substring(ExtractorOptions.SCRIPT.length()));
    Path kept = context.dataFolder().resolve(file);
    return !Files.exists(file) && Files.exists(kept) ? kept : file;
  }

  @Override
  public void close() {
    open.values().forEach(Extraction::close);
    open.clear();
  }
}
