package io.github.diffusionhost.engine.checkpoint;

import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;

/**
 * Which checkpoints of a run stay when another one is written.
 *
 * @param last so many of the newest; 0: all
 * @param best so many of the best, beside them
 */
public record Retention(int last, int best) {
  /** Every checkpoint stays. */
  public static final Retention ALL = new Retention(0, 0);

  /** Checks the numbers. */
  public Retention {
    if (last < 0 || best < 0) {
      throw new IllegalArgumentException("cannot keep " + last + " and " + best + " checkpoints");
    }
  }

  /**
   * The steps whose checkpoints stay.
   *
   * @param steps of the checkpoints that there are
   * @param ranking steps from the best one; empty if nothing says which is better
   */
  Set<Long> kept(NavigableSet<Long> steps, List<Long> ranking) {
    if (last == 0) {
      return steps;
    }
    Set<Long> kept = new HashSet<>();
    steps.descendingSet().stream().limit(last).forEach(kept::add);
    ranking.stream().filter(steps::contains).limit(best).forEach(kept::add);
    return kept;
  }
}
