package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.api.options.Option;

/** A running average of the weights: an entry of the {@code train.ema} list of a config. */
public record EmaOptions(
    @Option(
            "decay over updates s: constant = decay from the initial weights on; ramp ="
                + " min(decay, (1+s)/(10+s)), which diffusers calls no warm-up; warmup ="
                + " min(decay, 1 - (1+s/invGamma)^-power), that of ema-pytorch with power 2/3;"
                + " power = power-function average of a relative width (arXiv 2312.02696, eq. 127)")
        Kind use,
    @Option(value = "constant, ramp, warmup: the largest decay", min = 0, max = 1) double decay,
    @Option(value = "warmup: scale of s", min = 1e-9) double invGamma,
    @Option(value = "warmup: exponent", min = 0) double power,
    @Option(
            value =
                "power: standard deviation of the averaged time, as a share of the training so far",
            min = 1e-4,
            max = EmaOptions.WIDEST)
        double width) {

  /** 1/√12, the relative width of the mean over the whole training, whose exponent is 0. */
  public static final double WIDEST = 0.28867513459481287;

  /** How the decay follows from the updates done. */
  public enum Kind {
    CONSTANT,
    RAMP,
    WARMUP,
    POWER
  }

  /** 0.9999 from the start. */
  public static final EmaOptions DEFAULTS = new EmaOptions(Kind.CONSTANT, 0.9999, 1, 0.75, 0.1);
}
