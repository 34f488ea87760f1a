package io.github.diffusionhost.plugins.flowmatch;

/** The options of a sampler that has none. */
public record NoOptions() {}
