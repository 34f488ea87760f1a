package io.github.diffusionhost.api.scheduler;

/**
 * A sampler by name, with its options.
 *
 * @param <O> the options record; each component carries {@link
 *     io.github.diffusionhost.api.options.Option}
 */
public interface SamplerFactory<O extends Record> {
  /** The name used in configs: lower-case letters, digits and dashes. */
  String name();

  /** One line for listings, without a full stop. */
  String summary();

  /** The options that hold when a config gives none. */
  O defaults();

  /** How many steps to take when nobody says. */
  int defaultSteps();

  /**
   * Makes the sampler.
   *
   * @throws IllegalArgumentException if the options do not fit together
   */
  Sampler create(O options);
}
