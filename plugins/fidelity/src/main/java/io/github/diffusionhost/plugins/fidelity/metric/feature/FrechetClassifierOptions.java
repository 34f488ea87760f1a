package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.options.Option;

/** The Fréchet distance of the classifier's features. */
public record FrechetClassifierOptions(
    @Option("the images to compare with") ReferenceOptions reference) {}
