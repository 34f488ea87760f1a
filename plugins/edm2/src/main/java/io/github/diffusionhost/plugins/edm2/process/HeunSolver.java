package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;

/**
 * Heun's method with churn: Karras et al. 2022, arXiv 2206.00364, algorithm 2. Each step may first
 * add noise, from σ to {@code σ̂ = σ(1 + (√2 − 1)·eta)}; then it takes an Euler step, and the step
 * again with the mean of the slopes at both its ends. The last step, to σ = 0, is Euler's.
 *
 * <p>With {@code eta} above 0 every step draws noise [N,C,H,W], those outside [sMin, sMax] too,
 * where it does nothing.
 */
record HeunSolver(Options options) implements SigmaSolver {
  private static final double MOST_CHURN = Math.sqrt(2) - 1;

  /** The options. */
  record Options(
      @Option(
              value =
                  "churn: how much new noise steps add, as a share of the most, which doubles its"
                      + " variance; S_churn of the paper is 0.414 eta times the steps",
              min = 0,
              max = 1)
          double eta,
      @Option(value = "churn: only from this sigma on", min = 0) double sMin,
      @Option(value = "churn: only up to this sigma", min = 0) double sMax,
      @Option(value = "churn: new noise is multiplied with this", min = 0) double sNoise,
      @Option("keep predicted images within [-1, 1]") boolean clip) {
    /** Those of xfetus/edm2-multi-gpu. */
    static final Options DEFAULTS = new Options(0, 0.01, 1, 1.007, true);

    /** Checks what the ranges of single options cannot. */
    Options {
      if (sMin > sMax) {
        throw new IllegalArgumentException(
            "sMin " + sMin + " is above sMax " + sMax + ": churn is between the two");
      }
    }
  }

  @Override
  public NDArray solve(ImageEstimate images, double[] sigmas, NDArray start, Sampling sampling) {
    ImageEstimate estimate = images.clipped(options.clip());
    SamplingChain chain = SamplingChain.owning(start, sampling);
    for (int i = 0; i < sigmas.length - 1; i++) {
      double from = sigmas[i];
      double to = sigmas[i + 1];
      chain.step(
          x -> {
            double raised = from * (1 + churn(from));
            NDArray hat = noisier(x, from, raised, sampling.noise());
            NDArray slope = hat.sub(estimate.of(hat, raised)).div(raised);
            NDArray euler = hat.add(slope.mul(to - raised));
            if (to == 0) {
              return euler;
            }
            NDArray endSlope = euler.sub(estimate.of(euler, to)).div(to);
            return hat.add(slope.add(endSlope).mul((to - raised) / 2));
          });
    }
    return chain.state();
  }

  private double churn(double sigma) {
    boolean inside = options.sMin() <= sigma && sigma <= options.sMax();
    return inside ? MOST_CHURN * options.eta() : 0;
  }

  private NDArray noisier(NDArray x, double from, double to, Noise noise) {
    if (options.eta() == 0) {
      return x;
    }
    NDArray eps = noise.normal(x.getShape()).toType(DataType.FLOAT64, false);
    return x.add(eps.mul(Math.sqrt(to * to - from * from) * options.sNoise()));
  }
}
