package io.github.diffusionhost.plugins.edm2.process;

import io.github.diffusionhost.api.scheduler.SamplerFactory;
import java.util.List;

/** The samplers of the process, all on the same grid of σ. */
final class Edm2Samplers {
  private Edm2Samplers() {}

  static List<SamplerFactory<?>> of(Preconditioning preconditioning, KarrasSchedule schedule) {
    return List.of(
        new NamedSampler<>(
            "heun",
            "Heun's method, two network calls a step, with noise added on the way if wanted",
            HeunSolver.Options.DEFAULTS,
            18,
            own -> new SigmaSampler(preconditioning, schedule, new HeunSolver(own))),
        new NamedSampler<>(
            "euler",
            "Euler's method",
            EulerSolver.Options.DEFAULTS,
            35,
            own -> new SigmaSampler(preconditioning, schedule, new EulerSolver(own))),
        new NamedSampler<>(
            "dpmpp-2m",
            "DPM-Solver++ of second order, multistep",
            Dpmpp2mSolver.Options.DEFAULTS,
            20,
            own -> new SigmaSampler(preconditioning, schedule, new Dpmpp2mSolver(own))));
  }
}
