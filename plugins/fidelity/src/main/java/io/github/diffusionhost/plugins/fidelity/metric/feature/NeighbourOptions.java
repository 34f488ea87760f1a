package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;

/** Measures by nearest neighbours among an extractor's features. */
public record NeighbourOptions(
    @Option("the network that turns images into features") ExtractorOptions extractor,
    @Option("the images to compare with; as many as are generated if no number is given")
        ReferenceOptions reference,
    @Option(value = "the neighbour that a ball around an image reaches to", min = 1, max = 1000)
        int k) {}
