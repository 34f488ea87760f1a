package io.github.diffusionhost.engine.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers and texts of a checkpoint; the arrays are in its other files. All are kept exactly,
 * NaN and infinities too.
 *
 * @param step optimizer steps done
 * @param images images seen
 * @param longs whole numbers that the trainer needs to go on, by name
 * @param doubles numbers that it needs to go on, by name
 * @param strings texts that it needs to go on, by name
 */
public record CheckpointState(
    long step,
    long images,
    Map<String, Long> longs,
    Map<String, Double> doubles,
    Map<String, String> strings) {

  /** Checks the counts and copies the maps, in their order. */
  public CheckpointState {
    if (step < 0 || images < 0) {
      throw new IllegalArgumentException(
          "steps and images count from 0, not " + step + " and " + images);
    }
    longs = Collections.unmodifiableMap(new LinkedHashMap<>(longs));
    doubles = Collections.unmodifiableMap(new LinkedHashMap<>(doubles));
    strings = Collections.unmodifiableMap(new LinkedHashMap<>(strings));
  }

  /** A state of nothing but the two counts. */
  public static CheckpointState of(long step, long images) {
    return new CheckpointState(step, images, Map.of(), Map.of(), Map.of());
  }
}
