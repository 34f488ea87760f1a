package io.github.diffusionhost.engine.schedule;

import io.github.diffusionhost.engine.options.LrScheduleOptions;
import io.github.diffusionhost.engine.options.LrScheduleOptions.Kind;
import io.github.diffusionhost.engine.options.TrainOptions;

/**
 * The learning rate of every step.
 *
 * @param options the shape
 * @param lr the learning rate after the warm-up
 * @param totalSteps the length of the training
 * @param batchSize images of a step
 * @param datasetSize images of an epoch
 */
public record LrSchedule(
    LrScheduleOptions options, double lr, long totalSteps, int batchSize, long datasetSize) {

  /**
   * What a config asks for.
   *
   * @param datasetSize images of an epoch
   */
  public static LrSchedule of(TrainOptions options, long datasetSize) {
    return new LrSchedule(
        options.lrSchedule(),
        options.optimizer().lr(),
        options.totalSteps(datasetSize),
        options.batchSize(),
        datasetSize);
  }

  /** The learning rate of a step, counted from 0. */
  public double at(long step) {
    return switch (options.use()) {
      case CONSTANT -> lr;
      case WARMUP_CONSTANT -> warmedUp(step, lr);
      case LINEAR, COSINE ->
          step < warmup()
              ? warmedUp(step, lr)
              : decayed(step - warmup(), totalSteps - 1 - warmup());
      case WARMUP_STABLE_DECAY -> {
        long stable = Math.max(totalSteps - decaySteps(), 0);
        yield step < Math.max(stable, warmup())
            ? warmedUp(step, lr)
            : decayed(step - stable, totalSteps - 1 - stable);
      }
      case INVERSE_SQRT ->
          warmedUp(step, lr / Math.sqrt(Math.max((double) step / options.refSteps(), 1)));
      case EPOCH_INVERSE_SQRT -> inEpoch(step * batchSize / datasetSize);
    };
  }

  /** The length of the warm-up in steps, which images need not fill. */
  private double warmup() {
    Long images = options.warmupImages();
    return images == null ? options.warmupSteps() : (double) images / batchSize;
  }

  private long decaySteps() {
    Long steps = options.decaySteps();
    return steps == null ? Math.max(totalSteps / 10, 2) : steps;
  }

  private double warmedUp(long step, double target) {
    double share = step < warmup() ? step / warmup() : 1;
    return options.from() + (target - options.from()) * share;
  }

  /** From lr at step 0 to the final rate at step {@code last}. */
  private double decayed(double step, double last) {
    double progress = last <= 0 ? 0 : Math.min(step / last, 1);
    double to = options.to();
    return options.use() == Kind.COSINE
        ? to + (lr - to) * 0.5 * (1 + Math.cos(Math.PI * progress))
        : lr + (to - lr) * progress;
  }

  /** The rate of a whole epoch, counted from 0. */
  private double inEpoch(long epoch) {
    long warmupEpochs = options.warmupEpochs();
    if (epoch < warmupEpochs) {
      return lr * (epoch + 1) / warmupEpochs;
    }
    Double reference = options.refEpochs();
    return reference == null ? lr : lr / Math.sqrt(Math.max(epoch / reference, 1));
  }
}
