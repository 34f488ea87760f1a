package io.github.diffusionhost.plugins.ddpm;

import io.github.diffusionhost.api.SchedulerProvider;
import io.github.diffusionhost.api.exchange.SchedulerExchange;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions;
import org.pf4j.Extension;

/**
 * Denoising diffusion probabilistic models: discrete timesteps of growing noise, and the samplers
 * that go with them.
 */
@Extension
public final class DdpmProvider implements SchedulerProvider<DdpmOptions> {
  @Override
  public String name() {
    return "ddpm";
  }

  @Override
  public String summary() {
    return "denoising diffusion (DDPM) with ancestral, DDIM, DPM-Solver++, UniPC and other samplers";
  }

  @Override
  public DdpmOptions defaults() {
    return DdpmOptions.DEFAULTS;
  }

  @Override
  public Scheduler create(DdpmOptions options, SchedulerContext context) {
    return new DdpmScheduler(options);
  }

  @Override
  public SchedulerExchange<DdpmOptions> diffusers() {
    return new DdpmDiffusers();
  }
}
