package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;

/**
 * Euler's method, which is also DDIM's: {@code x ← x + (σ' − σ)·(x − D(x, σ))/σ}. Karras et al.
 * 2022, arXiv 2206.00364, algorithm 1 without its second half.
 */
record EulerSolver(Options options) implements SigmaSolver {
  /** The options. */
  record Options(@Option("keep predicted images within [-1, 1]") boolean clip) {
    /** As the other samplers. */
    static final Options DEFAULTS = new Options(true);
  }

  @Override
  public NDArray solve(ImageEstimate images, double[] sigmas, NDArray start, Sampling sampling) {
    ImageEstimate estimate = images.clipped(options.clip());
    SamplingChain chain = SamplingChain.owning(start, sampling);
    for (int i = 0; i < sigmas.length - 1; i++) {
      double from = sigmas[i];
      double share = sigmas[i + 1] / from;
      chain.step(x -> x.mul(share).add(estimate.of(x, from).mul(1 - share)));
    }
    return chain.state();
  }
}
