package io.github.diffusionhost.engine.schedule;

import io.github.diffusionhost.engine.options.EmaOptions;
import io.github.diffusionhost.engine.posthoc.PowerFunction;

/** The decay of a running average of the weights over its updates. */
public final class EmaDecay {
  private EmaDecay() {}

  /**
   * The decay d of update {@code s}, counted from 0, in {@code ema = d·ema + (1−d)·weights}.
   *
   * <p>{@code RAMP} and {@code WARMUP} are the two modes of diffusers' {@code EMAModel}, whose
   * first update copies the weights; {@code WARMUP} with the power 2/3 is what ema-pytorch does
   * unless told otherwise. {@code POWER} is {@link PowerFunction#beta}, whose first update copies
   * the weights as well.
   */
  public static double at(EmaOptions options, long s) {
    return switch (options.use()) {
      case CONSTANT -> options.decay();
      case RAMP -> s == 0 ? 0 : Math.min(options.decay(), (1.0 + s) / (10.0 + s));
      case WARMUP ->
          s == 0
              ? 0
              : Math.min(
                  options.decay(), 1 - Math.pow(1 + s / options.invGamma(), -options.power()));
      case POWER -> PowerFunction.ofWidth(options.width()).beta(s + 1.0, 1);
    };
  }
}
