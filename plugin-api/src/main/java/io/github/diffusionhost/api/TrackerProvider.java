package io.github.diffusionhost.api;

import io.github.diffusionhost.api.tracker.TrackedRun;
import io.github.diffusionhost.api.tracker.Tracker;
import java.io.IOException;

/**
 * Contributes a tracker: somewhere else to record runs.
 *
 * @param <O> the options record
 */
public non-sealed interface TrackerProvider<O extends Record> extends Provider<O> {
  /**
   * Begins to record a run, on the tracker's own thread; the caller closes what it gets. Like the
   * calls of {@link Tracker}, it is made again after an {@link IOException}, and not after a {@link
   * RuntimeException}: then the run goes on without this tracker.
   *
   * <p>Options that can never work are refused earlier, by the constructor of their record, before
   * a training begins. Passwords do not belong into options, which are kept in the run's folder.
   *
   * @throws IOException if it did not work this time; the message says what to do
   */
  Tracker start(O options, TrackedRun run) throws IOException;

  @Override
  default ProviderKind kind() {
    return ProviderKind.TRACKER;
  }
}
