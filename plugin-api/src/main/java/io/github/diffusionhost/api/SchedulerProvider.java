package io.github.diffusionhost.api;

import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;

/**
 * Contributes a noise process.
 *
 * @param <O> the options record
 */
public non-sealed interface SchedulerProvider<O extends Record> extends Provider<O> {
  /**
   * Makes the noise process.
   *
   * @throws IllegalArgumentException if the options do not fit the images or each other
   */
  Scheduler create(O options, SchedulerContext context);

  @Override
  default ProviderKind kind() {
    return ProviderKind.SCHEDULER;
  }
}
