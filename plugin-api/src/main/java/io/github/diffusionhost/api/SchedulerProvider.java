package io.github.diffusionhost.api;

import io.github.diffusionhost.api.exchange.SchedulerExchange;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;
import org.jspecify.annotations.Nullable;

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

  /** How this noise process is exchanged with the {@code diffusers} library; null if it is not. */
  default @Nullable SchedulerExchange<O> diffusers() {
    return null;
  }

  @Override
  default ProviderKind kind() {
    return ProviderKind.SCHEDULER;
  }
}
