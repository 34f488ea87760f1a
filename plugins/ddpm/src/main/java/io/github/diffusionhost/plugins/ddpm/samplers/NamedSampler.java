package io.github.diffusionhost.plugins.ddpm.samplers;

import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.SamplerFactory;
import java.util.function.Function;

/** A sampler under its name. */
record NamedSampler<O extends Record>(
    String name, String summary, O defaults, int defaultSteps, Function<O, Sampler> maker)
    implements SamplerFactory<O> {
  @Override
  public Sampler create(O options) {
    return maker.apply(options);
  }
}
