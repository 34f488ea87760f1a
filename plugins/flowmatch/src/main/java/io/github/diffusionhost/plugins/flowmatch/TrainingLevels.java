package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * The noise level of each image of a training batch.
 *
 * @param sigma [N] float32
 * @param condition what the network is told, [N] float32
 */
record TrainingLevels(NDArray sigma, NDArray condition) {
  /** {@code σ = shift(u)}, and the network is told 1000·σ, as in sampling. */
  static TrainingLevels consistent(NDArray u, SigmaSchedule schedule) {
    NDArray sigma = schedule.shift(u);
    return new TrainingLevels(sigma, sigma.mul(SigmaSchedule.TRAINING_LEVELS));
  }

  /**
   * As recipe R3's code has it: t = ⌊999·u⌋, σ is the entry 1000 − t of the grid of 1000 levels and
   * a 0, and the network is told −t − 1. So t = 0 gives a clean image.
   */
  static TrainingLevels asPublished(NDArray u, SigmaSchedule schedule) {
    double[] grid = schedule.sigmas(SigmaSchedule.TRAINING_LEVELS);
    float[] byTime = new float[SigmaSchedule.TRAINING_LEVELS];
    for (int t = 0; t < byTime.length; t++) {
      byTime[t] = (float) grid[SigmaSchedule.TRAINING_LEVELS - t];
    }
    NDManager manager = u.getManager();
    NDArray t = u.mul(SigmaSchedule.TRAINING_LEVELS - 1).floor();
    NDArray sigma = manager.create(byTime).gather(t.toType(DataType.INT64, false), 0);
    return new TrainingLevels(sigma, t.neg().sub(1));
  }
}
