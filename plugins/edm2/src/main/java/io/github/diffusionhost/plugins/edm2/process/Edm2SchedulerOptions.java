package io.github.diffusionhost.plugins.edm2.process;

import io.github.diffusionhost.api.options.Option;

/** The options of {@link Edm2SchedulerProvider}. */
public record Edm2SchedulerOptions(
    @Option("training draws ln(sigma) from a normal of this mean") double pMean,
    @Option(value = "training draws ln(sigma) with this standard deviation", min = 1e-6)
        double pStd,
    @Option(
            value = "standard deviation of the pixels, as the network sees them",
            min = 1e-6,
            max = 1e6)
        double sigmaData,
    @Option(
            "how u(sigma), the logarithm of the loss expected at a noise level, is trained along"
                + " with the network: losses are divided by e^u; plain, normalized and"
                + " magnitude-preserving are those of configs C, E and G")
        Uncertainty uncertainty,
    @Option(value = "sampling: the last sigma before 0", min = 1e-6) double sigmaMin,
    @Option(value = "sampling: the first sigma", min = 1e-6) double sigmaMax,
    @Option(value = "sampling: steps are equal in sigma^(1/rho)", min = 1e-3) double rho) {

  /** EDM's noise levels, which xfetus/edm2-multi-gpu trains with, and EDM2's u(σ). */
  public static final Edm2SchedulerOptions DEFAULTS =
      new Edm2SchedulerOptions(-1.2, 1.2, 0.5, Uncertainty.MAGNITUDE_PRESERVING, 0.002, 80, 7);

  /** The noise levels of EDM2 on ImageNet: Karras et al. 2023, arXiv 2312.02696, table 6. */
  public static final Edm2SchedulerOptions NVLABS =
      new Edm2SchedulerOptions(-0.4, 1.0, 0.5, Uncertainty.MAGNITUDE_PRESERVING, 0.002, 80, 7);

  /** Checks what the ranges of single options cannot. */
  public Edm2SchedulerOptions {
    if (sigmaMin >= sigmaMax) {
      throw new IllegalArgumentException(
          "sigmaMin "
              + sigmaMin
              + " is not below sigmaMax "
              + sigmaMax
              + ": sampling goes from sigmaMax down to sigmaMin");
    }
  }
}
