package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.SamplingChain;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver++ of second order, multistep (2M): Lu et al. 2022, arXiv 2211.01095, algorithm 2, for
 * images of full strength, so that λ = −ln σ. The first step and the last, to σ = 0, are of first
 * order; one network call a step.
 */
record Dpmpp2mSolver(Options options) implements SigmaSolver {
  /** The options. */
  record Options(@Option("keep predicted images within [-1, 1]") boolean clip) {
    /** As the other samplers. */
    static final Options DEFAULTS = new Options(true);
  }

  @Override
  public NDArray solve(ImageEstimate images, double[] sigmas, NDArray start, Sampling sampling) {
    ImageEstimate estimate = images.clipped(options.clip());
    SamplingChain chain = SamplingChain.owning(start, sampling);
    try (Last last = new Last()) {
      for (int step = 0; step < sigmas.length - 1; step++) {
        int i = step;
        chain.step(
            x -> {
              NDArray image = estimate.of(x, sigmas[i]);
              NDArray next = next(x, extrapolated(image, last.image, sigmas, i), sigmas, i);
              last.become(image);
              return next;
            });
      }
    }
    return chain.state();
  }

  private static NDArray next(NDArray x, NDArray image, double[] sigmas, int i) {
    double share = sigmas[i + 1] / sigmas[i];
    return x.mul(share).add(image.mul(1 - share));
  }

  /** The image halfway through the step, in λ, on the line through the last two. */
  private static NDArray extrapolated(
      NDArray image, @Nullable NDArray before, double[] sigmas, int i) {
    if (before == null || sigmas[i + 1] == 0) {
      return image;
    }
    double step = Math.log(sigmas[i] / sigmas[i + 1]);
    double stepBefore = Math.log(sigmas[i - 1] / sigmas[i]);
    double half = step / (2 * stepBefore);
    return image.mul(1 + half).sub(before.mul(half));
  }

  /** The image of the step before, which outlives it. */
  private static final class Last implements AutoCloseable {
    private @Nullable NDArray image;

    void become(NDArray next) {
      NDScope.unregister(next);
      close();
      image = next;
    }

    @Override
    public void close() {
      if (image != null) {
        image.close();
      }
    }
  }
}
