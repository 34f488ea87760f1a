package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.api.options.Option;

/** The learning rate over time: the {@code train.lrSchedule} section of a config. */
public record LrScheduleOptions(
    @Option("shape after the warm-up") Kind use,
    @Option(value = "steps of linear warm-up from `from` to the learning rate", min = 0)
        long warmupSteps,
    @Option(value = "learning rate at step 0 of the warm-up", min = 0) double from,
    @Option(value = "linear, cosine: learning rate at the last step", min = 0) double to,
    @Option(value = "inverse-sqrt: the rate is lr / sqrt(max(step / refSteps, 1))", min = 1)
        long refSteps) {

  /** The shapes. */
  public enum Kind {
    CONSTANT,
    WARMUP_CONSTANT,
    LINEAR,
    COSINE,
    INVERSE_SQRT
  }

  /** Recipe R3: 1e-6 to the learning rate over 1,000 steps, then constant. */
  public static final LrScheduleOptions DEFAULTS =
      new LrScheduleOptions(Kind.WARMUP_CONSTANT, 1000, 1e-6, 0, 10_000);
}
