package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;

/** The Inception Score. */
public record InceptionScoreOptions(
    @Option("the network that classifies: inception-2015 or classifier") ExtractorOptions extractor,
    @Option(value = "consecutive parts of the images, each scored for itself", min = 1, max = 1000)
        int splits) {
  /** Refuses networks that know no classes. */
  public InceptionScoreOptions {
    if (extractor.use().startsWith(ExtractorOptions.SCRIPT)) {
      throw new IllegalArgumentException(
          "extractor "
              + extractor.use()
              + " gives no probabilities of classes: use inception-2015 or classifier");
    }
  }
}
