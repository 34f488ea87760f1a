package io.github.diffusionhost.plugins.ddpm.samplers;

import io.github.diffusionhost.api.scheduler.SamplerFactory;
import io.github.diffusionhost.plugins.ddpm.process.BetaSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Clipping;
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.Prediction;
import java.util.List;

/**
 * The samplers of the process, with the defaults of diffusers; DDIM, which needs few steps, first.
 */
public final class DdpmSamplers {
  private DdpmSamplers() {}

  public static List<SamplerFactory<?>> of(NoiseSchedule schedule, DdpmOptions options) {
    Prediction prediction = options.prediction();
    Clipping clipping = Clipping.of(options);
    Clipping thresholding = Clipping.thresholdingOnly(options);
    boolean cosine = options.schedule() == BetaSchedule.COSINE;
    int total = schedule.timesteps();
    return List.of(
        new NamedSampler<>(
            "ddim",
            "DDIM, deterministic or with a share of the noise",
            DdimSampler.Options.DEFAULTS,
            Math.min(50, total),
            own -> new DdimSampler(schedule, prediction, clipping, own)),
        new NamedSampler<>(
            "ddpm",
            "ancestral sampling, the paper's",
            DdpmSampler.Options.DEFAULTS,
            total,
            own -> new DdpmSampler(schedule, prediction, clipping, options.variance(), own)),
        new NamedSampler<>(
            "dpmpp-2m",
            "DPM-Solver++ of second order, multistep",
            DpmppSampler.Options.DEFAULTS,
            Math.min(20, total),
            own ->
                new DpmppSampler(
                    schedule, prediction, thresholding, DpmppSampler.Form.SECOND, cosine, own)),
        new NamedSampler<>(
            "dpmpp-3m",
            "DPM-Solver++ of third order, multistep",
            DpmppSampler.Options.DEFAULTS,
            Math.min(20, total),
            own ->
                new DpmppSampler(
                    schedule, prediction, thresholding, DpmppSampler.Form.THIRD, cosine, own)),
        new NamedSampler<>(
            "dpmpp-2m-sde",
            "DPM-Solver++ of second order, multistep, with noise in every step",
            DpmppSampler.Options.DEFAULTS,
            Math.min(30, total),
            own ->
                new DpmppSampler(
                    schedule, prediction, thresholding, DpmppSampler.Form.SECOND_SDE, cosine, own)),
        new NamedSampler<>(
            "unipc",
            "UniPC of second order, predictor and corrector",
            UniPcSampler.Options.DEFAULTS,
            Math.min(20, total),
            own -> new UniPcSampler(schedule, prediction, thresholding, own)),
        new NamedSampler<>(
            "euler",
            "Euler's method",
            EulerSampler.Options.DEFAULTS,
            Math.min(50, total),
            own -> new EulerSampler(schedule, prediction, own)),
        new NamedSampler<>(
            "heun",
            "Heun's method, two network calls a step",
            HeunSampler.Options.DEFAULTS,
            Math.min(25, total),
            own -> new HeunSampler(schedule, prediction, options.clipRange(), own)),
        new NamedSampler<>(
            "lms",
            "linear multistep, of up to fourth order",
            LmsSampler.Options.DEFAULTS,
            Math.min(50, total),
            own -> new LmsSampler(schedule, prediction, own)),
        new NamedSampler<>(
            "pndm",
            "pseudo numerical methods, Runge-Kutta and then linear multistep",
            PndmSampler.Options.DEFAULTS,
            Math.min(50, total),
            own -> new PndmSampler(schedule, prediction, own)));
  }
}
