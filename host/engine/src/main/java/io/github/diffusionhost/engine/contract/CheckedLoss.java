package io.github.diffusionhost.engine.contract;

import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;

/**
 * The values of a scheduler's losses, compared with their contract: levels that are not numbers
 * would be counted among those with the least noise, and errors below zero would be averaged.
 *
 * @param scheduler the scheduler that they are of
 */
public record CheckedLoss(Scheduler scheduler) {
  /**
   * Looks at the values. A loss or an error that is not finite is a training that diverges, and no
   * breach.
   *
   * @throws WrongResultException if they break the contract
   */
  public void check(TrainingLoss loss) {
    float[] errors = loss.squaredError().toFloatArray();
    float[] levels = loss.level().toFloatArray();
    for (int i = 0; i < levels.length; i++) {
      if (!Float.isFinite(levels[i])) {
        throw wrong("level", levels[i], "a finite number");
      }
      if (errors[i] < 0) {
        throw wrong("squaredError", errors[i], "0 or more");
      }
    }
  }

  private WrongResultException wrong(String name, float found, String wanted) {
    return new Returned(scheduler, "loss")
        .wrong("it returned " + found + " in " + name + ", which must be " + wanted);
  }
}
