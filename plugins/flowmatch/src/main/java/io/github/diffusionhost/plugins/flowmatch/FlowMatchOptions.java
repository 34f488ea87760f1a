package io.github.diffusionhost.plugins.flowmatch;

import io.github.diffusionhost.api.options.Option;

/** The options of {@link FlowMatchProvider}. */
public record FlowMatchOptions(
    @Option("how training draws noise levels: u in (0, 1), 1 for pure noise, before the shift")
        TimeDistribution times,
    @Option("times: logit-normal: mean of the normal; above 0 trains more on noise") double mean,
    @Option(value = "times: logit-normal: standard deviation of the normal", min = 1e-6) double std,
    @Option(
            value = "times: mode: scale; above 0 trains more on middle levels",
            min = -1,
            max = 1.7519)
        double modeScale,
    @Option("how u becomes sigma: factor e^mu by token count, a fixed factor, or not at all")
        Shift shift,
    @Option(value = "shift: fixed: the factor s of sigma = s u / (1 + (s-1) u)", min = 1e-6)
        double shiftFactor,
    @Option("shift: dynamic: mu at 256 tokens") double baseShift,
    @Option("shift: dynamic: mu at 4096 tokens") double maxShift,
    @Option(value = "shift: dynamic: pixels a side that count as one token", min = 1) int patch,
    @Option(
            "the network's time: 1000 sigma everywhere, or as the published code has it: -t-1 in"
                + " training, t = floor(999 u)")
        TimeCondition time,
    @Option(value = "strength of extra noise that is one value per image and channel", min = 0)
        double offsetNoise,
    @Option(
            "give each image the noise nearest to it, by linear assignment within the batch; reads"
                + " values back to the host in every step, and so is never compiled")
        boolean immiscible,
    @Option("weight of an image's loss by its sigma") LossWeighting weighting) {

  /** How u becomes σ. */
  public enum Shift {
    DYNAMIC,
    FIXED,
    NONE
  }

  /** What the network is told about the noise level. */
  public enum TimeCondition {
    CONSISTENT,
    AS_PUBLISHED
  }

  /** Recipe R3, with one meaning of time in training and sampling. */
  public static final FlowMatchOptions DEFAULTS =
      new FlowMatchOptions(
          TimeDistribution.LOGIT_NORMAL,
          0,
          1,
          1.29,
          Shift.DYNAMIC,
          3,
          0.5,
          1.15,
          2,
          TimeCondition.CONSISTENT,
          0,
          false,
          LossWeighting.NONE);

  /** Checks what the ranges of single options cannot. */
  public FlowMatchOptions {
    if (time == TimeCondition.AS_PUBLISHED && weighting == LossWeighting.SIGMA_SQRT) {
      throw new IllegalArgumentException(
          "weighting sigma-sqrt divides by sigma, and time as-published draws sigma = 0: set time"
              + " to consistent or weighting to none or cosmap");
    }
  }
}
