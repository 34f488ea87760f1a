package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.api.options.Option;
import org.jspecify.annotations.Nullable;

/** The learning rate over time: the {@code train.lrSchedule} section of a config. */
public record LrScheduleOptions(
    @Option("shape after the warm-up") Kind use,
    @Option(value = "steps of linear warm-up from `from` to the learning rate", min = 0)
        long warmupSteps,
    @Option(value = "learning rate at step 0 of the warm-up", min = 0) double from,
    @Option(value = "linear, cosine, warmup-stable-decay: learning rate at the last step", min = 0)
        double to,
    @Option(
            value =
                "inverse-sqrt: the rate is lr / sqrt(max(step / refSteps, 1)); NVlabs' EDM2 calls"
                    + " them reference batches",
            min = 1)
        long refSteps,
    @Option(value = "length of the warm-up in images, in place of warmupSteps", min = 0)
        @Nullable Long warmupImages,
    @Option(
            value =
                "epoch-inverse-sqrt, in place of warmupSteps and from: in epoch e, from 0, the rate"
                    + " is lr (e + 1) / warmupEpochs",
            min = 0)
        long warmupEpochs,
    @Option(
            value =
                "epoch-inverse-sqrt: after the warm-up the rate is lr / sqrt(max(e / refEpochs, 1));"
                    + " if not given: lr",
            min = 1e-9)
        @Nullable Double refEpochs,
    @Option(
            value =
                "warmup-stable-decay: steps at the end, over which the rate falls linearly to `to`;"
                    + " if not given: a tenth of all",
            min = 2)
        @Nullable Long decaySteps) {

  /** The shapes. */
  public enum Kind {
    CONSTANT,
    WARMUP_CONSTANT,
    LINEAR,
    COSINE,
    /** Hu et al. 2024 (MiniCPM), section 4.2. */
    WARMUP_STABLE_DECAY,
    INVERSE_SQRT,
    EPOCH_INVERSE_SQRT
  }

  /** Recipe R3: 1e-6 to the learning rate over 1,000 steps, then constant. */
  public static final LrScheduleOptions DEFAULTS =
      new LrScheduleOptions(Kind.WARMUP_CONSTANT, 1000, 1e-6, 0, 10_000, null, 0, null, null);
}
