package io.github.diffusionhost.plugins.edm2.process;

import io.github.diffusionhost.api.SchedulerProvider;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pf4j.Extension;

/** EDM and EDM2: noise levels σ, preconditioned networks, a trained weight by noise level. */
@Extension
public final class Edm2SchedulerProvider implements SchedulerProvider<Edm2SchedulerOptions> {
  @Override
  public String name() {
    return "edm2";
  }

  @Override
  public String summary() {
    return "EDM preconditioning with EDM2's trained uncertainty; Heun, Euler and DPM-Solver++";
  }

  @Override
  public Edm2SchedulerOptions defaults() {
    return Edm2SchedulerOptions.DEFAULTS;
  }

  @Override
  public Map<String, Edm2SchedulerOptions> presets() {
    Map<String, Edm2SchedulerOptions> presets = new LinkedHashMap<>();
    presets.put("edm", Edm2SchedulerOptions.DEFAULTS);
    presets.put("nvlabs-edm2", Edm2SchedulerOptions.NVLABS);
    return presets;
  }

  @Override
  public Scheduler create(Edm2SchedulerOptions options, SchedulerContext context) {
    return new Edm2Scheduler(options, context.noise());
  }
}
