package io.github.diffusionhost.plugins.edm2.process;

/**
 * How the logarithm of the expected loss by noise level, u(σ), is learnt. All forms are one linear
 * layer without bias on 256 random Fourier features of ln(σ)/4.
 */
public enum Uncertainty {
  /** No u(σ): every noise level keeps the weight λ(σ). */
  NONE,
  /** A plain linear layer, with the initial weights of PyTorch's. */
  PLAIN,
  /** A row of weights of length 1. */
  NORMALIZED,
  /** A row of weights of length 1 on features of mean square 1: the form of EDM2. */
  MAGNITUDE_PRESERVING;

  boolean normalized() {
    return this == NORMALIZED || this == MAGNITUDE_PRESERVING;
  }
}
