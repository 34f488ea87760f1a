package io.github.diffusionhost.engine.step;

import io.github.diffusionhost.engine.levels.LevelBins;
import io.github.diffusionhost.engine.levels.LevelSum;
import java.util.List;

/**
 * What some steps add up to.
 *
 * @param steps how many
 * @param loss the sum of their mean losses, each before its update
 * @param gradientNorm the sum of the L2 norms of all gradients together, before clipping
 * @param levels their images by noise level, one sum for each of the {@link LevelBins}; empty for
 *     no images
 */
public record StepSums(long steps, double loss, double gradientNorm, List<LevelSum> levels) {
  /** No steps. */
  public static final StepSums NONE = new StepSums(0, 0, 0, List.of());

  /** Copies the list. */
  public StepSums {
    levels = List.copyOf(levels);
  }

  /** The images of all levels together. */
  public LevelSum images() {
    return levels.stream().reduce(new LevelSum(0, 0, 0, 0), LevelSum::plus);
  }
}
