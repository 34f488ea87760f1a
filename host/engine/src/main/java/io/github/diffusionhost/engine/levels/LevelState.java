package io.github.diffusionhost.engine.levels;

import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The sums by noise level among the numbers of a checkpoint: {@code sinceLog.levels.3.loss}. */
public final class LevelState {
  private static final String IMAGES = "images";
  private static final String LOSS = "loss";
  private static final String SQUARED_ERROR = "squaredError";
  private static final String LINEAR = "linear";

  private LevelState() {}

  /** Adds the sums of each bin. */
  public static void put(
      List<LevelSum> levels, Map<String, Long> counts, Map<String, Double> numbers) {
    for (int i = 0; i < levels.size(); i++) {
      LevelSum level = levels.get(i);
      counts.put(name(i, IMAGES), level.images());
      numbers.put(name(i, LOSS), level.loss());
      numbers.put(name(i, SQUARED_ERROR), level.squaredError());
      numbers.put(name(i, LINEAR), level.linear());
    }
  }

  /** The sums of each bin; none if the checkpoint has none. */
  public static List<LevelSum> of(CheckpointState state) {
    List<LevelSum> levels = new ArrayList<>();
    Map<String, Double> numbers = state.doubles();
    while (state.longs().containsKey(name(levels.size(), IMAGES))) {
      int i = levels.size();
      levels.add(
          new LevelSum(
              state.longs().getOrDefault(name(i, IMAGES), 0L),
              numbers.getOrDefault(name(i, LOSS), 0.0),
              numbers.getOrDefault(name(i, SQUARED_ERROR), 0.0),
              numbers.getOrDefault(name(i, LINEAR), 0.0)));
    }
    return levels;
  }

  private static String name(int bin, String what) {
    return "sinceLog.levels." + bin + "." + what;
  }
}
