package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.options.LrScheduleOptions;
import io.github.diffusionhost.engine.options.LrScheduleOptions.Kind;

/**
 * The learning rate of every step.
 *
 * @param options the shape
 * @param lr the learning rate after the warm-up
 * @param totalSteps the length of the training
 */
public record LrSchedule(LrScheduleOptions options, double lr, long totalSteps) {
  /** The learning rate of a step, counted from 0. */
  public double at(long step) {
    long warmup = options.use() == Kind.CONSTANT ? 0 : options.warmupSteps();
    double ramp = warmup == 0 ? 1 : Math.min((double) step / warmup, 1);
    if (options.use() == Kind.INVERSE_SQRT) {
      return ramp(lr / Math.sqrt(Math.max((double) step / options.refSteps(), 1)), ramp);
    }
    return step < warmup ? ramp(lr, ramp) : decayed(step - warmup, totalSteps - 1 - warmup);
  }

  private double ramp(double target, double share) {
    return options.from() + (target - options.from()) * share;
  }

  /** From lr at step 0 to the final rate at step {@code last}. */
  private double decayed(long step, long last) {
    double progress = last <= 0 ? 0 : Math.min((double) step / last, 1);
    double to = options.to();
    return switch (options.use()) {
      case LINEAR -> lr + (to - lr) * progress;
      case COSINE -> to + (lr - to) * 0.5 * (1 + Math.cos(Math.PI * progress));
      case CONSTANT, WARMUP_CONSTANT, INVERSE_SQRT -> lr;
    };
  }
}
