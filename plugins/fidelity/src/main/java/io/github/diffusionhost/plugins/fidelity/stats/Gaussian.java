package io.github.diffusionhost.plugins.fidelity.stats;

import org.ejml.data.DMatrixRMaj;

/**
 * The first two moments of vectors.
 *
 * @param count how many vectors there were; at least 2
 * @param mean [1,D]
 * @param covariance [D,D], divisor count − 1
 */
public record Gaussian(long count, DMatrixRMaj mean, DMatrixRMaj covariance) {
  /** Checks the sizes. */
  public Gaussian {
    int dimension = mean.numCols;
    if (mean.numRows != 1 || covariance.numRows != dimension || covariance.numCols != dimension) {
      throw new IllegalArgumentException("a mean and a covariance of different sizes");
    }
  }

  /** The size of the vectors. */
  public int dimension() {
    return mean.numCols;
  }
}
