package io.github.diffusionhost.plugins.ddpm.process;

import io.github.diffusionhost.api.options.Option;
import java.util.List;

/** The options of the process {@code ddpm}. */
public record DdpmOptions(
    @Option(value = "T, how many timesteps there are", min = 1, max = 1_000_000) int timesteps,
    @Option("how the variances beta go from timestep to timestep") BetaSchedule schedule,
    @Option("schedule: linear, scaled-linear: the first beta, above 0") double betaStart,
    @Option("schedule: linear, scaled-linear: the last beta, below 1") double betaEnd,
    @Option("schedule: given: beta of each timestep, between 0 and 1, the first one first")
        List<Double> betas,
    @Option("what the network predicts: the noise, the image, or v = signal noise - noise image")
        Prediction prediction,
    @Option("sampler ddpm: the variance of a step's noise, the posterior's or its upper bound")
        Variance variance,
    @Option("samplers ddpm and ddim: keep predicted images within the clip range")
        boolean clipSample,
    @Option(value = "clipSample: the largest absolute pixel", min = 1e-6) double clipRange,
    @Option("training draws a timestep for each image, or one for all images of a batch")
        TrainingTimes times,
    @Option("weight of an image's loss by its timestep") LossWeighting weighting,
    @Option(value = "weighting: min-snr: gamma", min = 1e-6) double minSnrGamma,
    @Option("rescale the betas so that the last timestep is pure noise; not with epsilon")
        boolean zeroTerminalSnr,
    @Option(
            "samplers ddpm, ddim, dpmpp-* and unipc: dynamic thresholding of predicted images, in"
                + " place of the clip range")
        boolean thresholding,
    @Option(value = "thresholding: the quantile of an image's absolute pixels", min = 0, max = 1)
        double thresholdingRatio,
    @Option(value = "thresholding: the largest such pixel that is believed", min = 1e-6)
        double thresholdingMax) {

  /** The paper's: recipe R1, with the smaller variance as in diffusers. */
  public static final DdpmOptions DEFAULTS =
      new DdpmOptions(
          1000,
          BetaSchedule.LINEAR,
          1e-4,
          0.02,
          List.of(),
          Prediction.EPSILON,
          Variance.FIXED_SMALL,
          true,
          1,
          TrainingTimes.PER_IMAGE,
          LossWeighting.NONE,
          5,
          false,
          false,
          0.995,
          1);

  /** Checks what the ranges of single options cannot. */
  public DdpmOptions {
    betas = List.copyOf(betas);
    if (schedule == BetaSchedule.GIVEN) {
      requireBetas(betas, timesteps);
    } else if (!betas.isEmpty()) {
      throw new IllegalArgumentException(
          "betas are there, and schedule is not given: set schedule to given, or remove betas");
    } else if (schedule != BetaSchedule.COSINE) {
      requireRange(betaStart, betaEnd);
    }
    if (zeroTerminalSnr && prediction == Prediction.EPSILON) {
      throw new IllegalArgumentException(
          "zeroTerminalSnr makes the last timestep pure noise, from which a predicted noise says"
              + " nothing about the image: set prediction to v or sample");
    }
    if (zeroTerminalSnr && timesteps < 2) {
      throw new IllegalArgumentException("zeroTerminalSnr needs at least 2 timesteps");
    }
  }

  private static void requireBetas(List<Double> betas, int timesteps) {
    if (betas.size() != timesteps) {
      throw new IllegalArgumentException(
          "schedule given needs a beta for each timestep: betas has "
              + betas.size()
              + " values, and timesteps is "
              + timesteps);
    }
    for (int t = 0; t < betas.size(); t++) {
      requireBeta("betas[" + t + "]", betas.get(t));
    }
  }

  private static void requireRange(double start, double end) {
    requireBeta("betaStart", start);
    requireBeta("betaEnd", end);
    if (start > end) {
      throw new IllegalArgumentException(
          "betaStart "
              + start
              + " is above betaEnd "
              + end
              + ": noise must grow with the timestep");
    }
  }

  private static void requireBeta(String name, double beta) {
    if (!(beta > 0 && beta < 1)) {
      throw new IllegalArgumentException(
          name + " is " + beta + ", and a beta lies between 0 and 1, both excluded");
    }
  }
}
