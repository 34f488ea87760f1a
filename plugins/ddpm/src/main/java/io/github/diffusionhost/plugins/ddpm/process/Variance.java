package io.github.diffusionhost.plugins.ddpm.process;

/** The variance of the noise in an ancestral step: {@link Posterior}. */
public enum Variance {
  FIXED_SMALL,
  FIXED_LARGE
}
