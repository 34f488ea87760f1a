package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;

/** What distance to training images means. */
public record NoveltyOptions(
    @Option("where distances are measured") Space space,
    @Option("the network that turns images into features, if they are measured there")
        ExtractorOptions extractor,
    @Option("whether distances are compared with those of the test images") boolean compareTest,
    @Option(value = "how many of the nearest pairs the figure shows", min = 1, max = 256)
        int pairs) {
  /** Where distances are measured. */
  public enum Space {
    /** Root mean square over channels and pixels from 0 to 1. */
    PIXELS,
    /** Euclidean, between feature vectors. */
    FEATURES
  }
}
