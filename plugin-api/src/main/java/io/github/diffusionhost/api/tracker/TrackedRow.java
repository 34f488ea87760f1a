package io.github.diffusionhost.api.tracker;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers that belong to one step. A run that is resumed logs the steps after its checkpoint anew;
 * see {@link Tracker#replay}.
 *
 * @param step optimizer steps done
 * @param images images seen
 * @param seconds of training so far, pauses between resumed parts excepted
 * @param time when they were logged
 * @param values numbers by name, such as {@code train/loss}; may be NaN or infinite
 */
public record TrackedRow(
    long step, long images, double seconds, Instant time, Map<String, Double> values) {
  /** Copies the map and keeps its order. */
  public TrackedRow {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
