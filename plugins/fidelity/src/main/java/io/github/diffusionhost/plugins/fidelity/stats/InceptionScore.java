package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.Locale;

/**
 * The Inception Score: {@code exp(mean KL(p(y|x) ‖ p(y)))} of consecutive parts of the images.
 * Salimans et al. 2016, arXiv 1606.03498, section 4; split and deviation as in the authors' code.
 */
public final class InceptionScore {
  private static final double LEAST = Double.MIN_NORMAL;

  private InceptionScore() {}

  /**
   * The score's mean and deviation over the parts.
   *
   * @param probabilities [N,K], each row a distribution over classes
   * @param splits into how many parts of consecutive rows the images are split; at most N
   */
  public static MeanAndDeviation of(NDArray probabilities, int splits) {
    long n = probabilities.getShape().get(0);
    if (n < splits) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT, "%d images cannot be split into %d parts: generate more", n, splits));
    }
    double[] scores = new double[splits];
    for (int i = 0; i < splits; i++) {
      String rows = String.format(Locale.ROOT, "%d:%d", i * n / splits, (i + 1) * n / splits);
      scores[i] =
          ArrayScope.value(() -> score(probabilities.get(rows).toType(DataType.FLOAT64, false)));
    }
    return MeanAndDeviation.of(scores);
  }

  private static double score(NDArray p) {
    NDArray marginal = p.mean(new int[] {0}, true);
    NDArray divergence = p.mul(log(p).sub(log(marginal))).sum(new int[] {1});
    return Math.exp(divergence.mean().getDouble());
  }

  /** Where p is 0, {@code p·log p} is 0: any finite number will do. */
  private static NDArray log(NDArray p) {
    return p.maximum(LEAST).log();
  }
}
