package io.github.diffusionhost.engine.train;

/**
 * What some steps add up to.
 *
 * @param steps how many
 * @param loss the sum of their mean losses, each before its update
 * @param gradientNorm the sum of the L2 norms of all gradients together, before clipping
 */
public record StepSums(long steps, double loss, double gradientNorm) {
  /** No steps. */
  public static final StepSums NONE = new StepSums(0, 0, 0);
}
