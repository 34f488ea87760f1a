package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.Random;

/**
 * The kernel distance KID: the unbiased estimate of the squared maximum mean discrepancy under the
 * kernel {@code (x·y/D + 1)³}. Bińkowski et al. 2018, arXiv 1801.01401, section 4.
 */
public final class KernelDistance {
  private KernelDistance() {}

  /**
   * The estimate; it may be negative.
   *
   * @param x [M,D], M at least 2
   * @param y [N,D], N at least 2
   */
  public static double unbiased(NDArray x, NDArray y) {
    return ArrayScope.value(
        () -> {
          NDArray a = x.toType(DataType.FLOAT64, false);
          NDArray b = y.toType(DataType.FLOAT64, false);
          return withinMean(a) + withinMean(b) - 2 * kernel(a, b).mean().getDouble();
        });
  }

  /**
   * The estimates for random subsets, without replacement within each.
   *
   * @param x [M,D], M at least {@code size}
   * @param y [N,D], N at least {@code size}
   * @param count how many subsets
   * @param size rows of x and of y in a subset; at least 2
   * @param seed where the subsets follow from
   */
  public static MeanAndDeviation bySubsets(NDArray x, NDArray y, int count, int size, long seed) {
    Random random = new Random(seed);
    double[] estimates = new double[count];
    for (int i = 0; i < count; i++) {
      estimates[i] =
          ArrayScope.value(
              () -> {
                NDArray from = rows(x, Subset.of(x.getShape().get(0), size, random));
                NDArray to = rows(y, Subset.of(y.getShape().get(0), size, random));
                return unbiased(from, to);
              });
    }
    return MeanAndDeviation.of(estimates);
  }

  private static NDArray rows(NDArray x, int[] indices) {
    NDManager manager = x.getManager();
    return x.get(manager.create(indices));
  }

  /** The mean of the kernel over pairs of different rows. */
  private static double withinMean(NDArray x) {
    long n = x.getShape().get(0);
    NDArray diagonal = cube(x.mul(x).sum(new int[] {1}), x.getShape().get(1));
    double sum = kernel(x, x).sum().getDouble() - diagonal.sum().getDouble();
    return sum / n / (n - 1);
  }

  private static NDArray kernel(NDArray x, NDArray y) {
    return cube(x.matMul(y.transpose()), x.getShape().get(1));
  }

  private static NDArray cube(NDArray products, long dimension) {
    NDArray base = products.div((double) dimension).add(1.0);
    return base.mul(base).mul(base);
  }
}
