package io.github.diffusionhost.plugins.edm2;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;

/**
 * Weights of a fixed length: Karras et al. 2023, arXiv 2312.02696, equation 47 and algorithm 1. A
 * row is what makes one output, all dimensions but the first; its fan-in n is its number of
 * elements.
 */
public final class WeightNorm {
  private static final double EPS = 1e-4;

  private WeightNorm() {}

  /**
   * Forced normalisation: {@code w / (eps + ‖row‖/√n)}, so that elements have a mean square of 1.
   *
   * @param weight [out, ...]
   */
  public static NDArray normalize(NDArray weight) {
    return weight.div(lengths(weight).mul(1 / Math.sqrt(fanIn(weight))).add(EPS));
  }

  /**
   * The weights that a layer computes with, {@code normalize(w)/√n}: rows of length 1.
   *
   * @param weight [out, ...]
   */
  public static NDArray unitRows(NDArray weight) {
    return weight.div(lengths(weight).add(EPS * Math.sqrt(fanIn(weight))));
  }

  /** [out, 1, ...]. */
  private static NDArray lengths(NDArray weight) {
    int[] axes = IntStream.range(1, weight.getShape().dimension()).toArray();
    return weight.square().sum(axes, true).sqrt();
  }

  private static long fanIn(NDArray weight) {
    return weight.size() / weight.getShape().get(0);
  }
}
