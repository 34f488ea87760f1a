package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.api.options.Option;

/** A running average of the weights: an entry of the {@code train.ema} list of a config. */
public record EmaOptions(
    @Option(
            "decay over updates s: constant = decay from the initial weights on; ramp ="
                + " min(decay, (1+s)/(10+s)), which diffusers calls no warm-up; warmup ="
                + " min(decay, 1 - (1+s/invGamma)^-power)")
        Kind use,
    @Option(value = "the largest decay", min = 0, max = 1) double decay,
    @Option(value = "warmup: scale of s", min = 1e-9) double invGamma,
    @Option(value = "warmup: exponent", min = 0) double power) {

  /** How the decay starts. */
  public enum Kind {
    CONSTANT,
    RAMP,
    WARMUP
  }

  /** 0.9999 from the start. */
  public static final EmaOptions DEFAULTS = new EmaOptions(Kind.CONSTANT, 0.9999, 1, 0.75);
}
