package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.Locale;

/** Squared Euclidean distances in float64, some rows at a time. */
final class Distances {
  /** How many distances are in memory at once: 32 MiB. */
  private static final long BLOCK = 1L << 22;

  /**
   * {@code |x|² + |y|² − 2 x·y} has an error of about D·2⁻⁵³ times the first two: below this share
   * of them, rows are equal.
   */
  private static final double EQUAL = 1e-12;

  private Distances() {}

  /** What is done with a block. */
  @FunctionalInterface
  interface Block {
    /**
     * Takes distances.
     *
     * @param first the row of x that the block begins with
     * @param squared [B,N]: from rows of x to all rows of y; closed afterwards
     */
    void take(long first, NDArray squared);
  }

  /**
   * Goes through the distances of all rows of x to all rows of y.
   *
   * @param x [M,D]
   * @param y [N,D]
   */
  static void each(NDArray x, NDArray y, Block block) {
    long m = x.getShape().get(0);
    long n = y.getShape().get(0);
    long rows = Math.max(1, BLOCK / n);
    ArrayScope.run(
        () -> {
          NDArray columns = y.toType(DataType.FLOAT64, false);
          NDArray norms = squaredNorms(columns).reshape(1, -1);
          NDArray twice = columns.transpose().mul(2);
          for (long start = 0; start < m; start += rows) {
            long first = start;
            ArrayScope.run(
                () -> {
                  String range =
                      String.format(Locale.ROOT, "%d:%d", first, Math.min(m, first + rows));
                  NDArray some = x.get(range).toType(DataType.FLOAT64, false);
                  NDArray sums = squaredNorms(some).reshape(-1, 1).add(norms);
                  NDArray squared = sums.sub(some.matMul(twice));
                  NDArray apart = squared.gt(sums.muli(EQUAL)).toType(DataType.FLOAT64, false);
                  block.take(first, squared.muli(apart));
                });
          }
        });
  }

  /**
   * The squared distance of each row to its k-th nearest other row.
   *
   * @param x [N,D]
   * @param k at least 1, below N
   */
  static double[] neighbourRadii(NDArray x, int k) {
    long n = x.getShape().get(0);
    if (n <= k) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the %d. nearest of other images needs more than %d images, and there are %d",
              k,
              k,
              n));
    }
    double[] radii = new double[Math.toIntExact(n)];
    // A row is its own nearest.
    each(x, x, (first, squared) -> copy(kth(squared, k + 1), radii, first));
    return radii;
  }

  /** The squared distance of each row of x to the nearest row of y. */
  static double[] nearest(NDArray x, NDArray y) {
    double[] nearest = new double[Math.toIntExact(x.getShape().get(0))];
    each(x, y, (first, squared) -> copy(squared.min(new int[] {1}), nearest, first));
    return nearest;
  }

  private static NDArray kth(NDArray squared, int k) {
    NDArray smallest = squared.topK(k, 1, false, true).get(0);
    return smallest.get(":," + (k - 1));
  }

  private static void copy(NDArray values, double[] to, long first) {
    double[] some = values.toDoubleArray();
    System.arraycopy(some, 0, to, Math.toIntExact(first), some.length);
  }

  private static NDArray squaredNorms(NDArray x) {
    return x.mul(x).sum(new int[] {1});
  }
}
