package io.github.diffusionhost.api.tracker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Records one run somewhere else.
 *
 * <p>Called when something was logged: {@link #replay} first if the run is resumed, {@link #log}
 * and {@link #artifact} in the order in which things happened, {@link #ended} once, {@link #close}
 * last. All calls, that of {@link io.github.diffusionhost.api.TrackerProvider#start} included, come
 * from one thread that serves this tracker alone, so a slow one holds nothing up. That thread is
 * interrupted when the run has ended and the host waits no longer; a call should then return or
 * throw soon.
 *
 * <p>What a call may throw tells the host what to do, and never ends a training:
 *
 * <ul>
 *   <li>{@link IOException}: it did not work this time. The same call is made again later, so what
 *       was recorded in part may be recorded twice.
 *   <li>{@link RuntimeException}: it will never work. The call is left out, and the next one made.
 * </ul>
 */
public interface Tracker extends AutoCloseable {
  /**
   * Tells what the run has recorded before it goes on: called once, before anything else, if the
   * run is resumed. A process that is killed takes with it what it had not handed over, and what it
   * did after its last checkpoint is done again; so a tracker adds what it lacks of this, and
   * forgets, where it can, what is of later steps.
   *
   * @param rows every number up to the checkpoint, by rising step; times are those of this call
   * @param files pictures of those steps by what to call them, as for {@link #artifact}
   */
  default void replay(List<TrackedRow> rows, Map<String, Path> files) throws IOException {}

  /**
   * Records numbers. Several rows come at once when they were logged faster than they were taken.
   *
   * @param rows at least one, in the order they were logged
   */
  void log(List<TrackedRow> rows) throws IOException;

  /**
   * Records a file, such as a sample grid.
   *
   * @param file may have been written anew since
   * @param name what to call it: its path in the run's folder, with slashes
   */
  void artifact(Path file, String name) throws IOException;

  /** Records how the run ended. It may be resumed later, in another process. */
  void ended(RunEnd end) throws IOException;

  @Override
  default void close() throws IOException {}
}
