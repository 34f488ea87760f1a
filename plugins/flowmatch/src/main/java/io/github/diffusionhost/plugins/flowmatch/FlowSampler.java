package io.github.diffusionhost.plugins.flowmatch;

import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.SamplerFactory;

/** A sampler without options under its name. */
record FlowSampler(String name, String summary, Sampler sampler)
    implements SamplerFactory<NoOptions> {
  @Override
  public NoOptions defaults() {
    return new NoOptions();
  }

  @Override
  public int defaultSteps() {
    return 20;
  }

  @Override
  public Sampler create(NoOptions options) {
    return sampler;
  }
}
