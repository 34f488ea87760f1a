package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.ExtractorOptions;

/** The Fréchet distance of an extractor's features. */
public record FrechetOptions(
    @Option("the network that turns images into features") ExtractorOptions extractor,
    @Option("the images to compare with") ReferenceOptions reference) {}
