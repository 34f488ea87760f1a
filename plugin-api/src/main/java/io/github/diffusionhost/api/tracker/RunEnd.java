package io.github.diffusionhost.api.tracker;

import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param message why it failed, in one line for people; null if it did not
 */
public record RunEnd(Outcome outcome, @Nullable String message) {
  /** The ways to end. */
  public enum Outcome {
    /** Trained to its last step. */
    FINISHED,
    /** Stopped by a person, after a checkpoint. */
    INTERRUPTED,
    /** Stopped by an error. */
    FAILED
  }
}
