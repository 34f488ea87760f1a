package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;

/** The kernel distance of an extractor's features. */
public record KidOptions(
    @Option("the network that turns images into features") ExtractorOptions extractor,
    @Option("the images to compare with; as many as are generated if no number is given")
        ReferenceOptions reference,
    @Option(value = "how many random subsets the distance is the mean of", min = 1, max = 100_000)
        int subsets,
    @Option(value = "images in a subset, fewer if there are fewer", min = 2, max = 100_000)
        int subsetSize) {}
