package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The Fréchet distance of two Gaussians, squared as in FID: {@code |m₁−m₂|² + tr S₁ + tr S₂ − 2 tr
 * (S₁S₂)^½}. Dowson and Landau 1982; Heusel et al. 2017, arXiv 1706.08500, section 2.
 *
 * <p>With {@code S₁ = F Fᵀ}, {@code S₁S₂} and the symmetric {@code FᵀS₂F} have the same eigenvalues
 * but for zeros, so that the trace is the sum of the roots of the latter's. It needs no full rank:
 * nothing is added to the diagonals, as other programs do.
 */
public final class FrechetDistance {
  /** Smaller eigenvalues, as a share of the largest, are rounding. */
  private static final double ROUNDING = Math.ulp(1.0);

  private FrechetDistance() {}

  /**
   * The distance; never negative.
   *
   * @param manager the device for the products
   */
  public static double between(Gaussian a, Gaussian b, NDManager manager) {
    if (a.dimension() != b.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "features of %d and of %d numbers have no distance",
              a.dimension(),
              b.dimension()));
    }
    double means = 0;
    for (int i = 0; i < a.dimension(); i++) {
      double difference = a.mean().get(i) - b.mean().get(i);
      means += difference * difference;
    }
    double traces = CommonOps_DDRM.trace(a.covariance()) + CommonOps_DDRM.trace(b.covariance());
    return Math.max(0, means + traces - 2 * traceOfRoot(a.covariance(), b.covariance(), manager));
  }

  private static double traceOfRoot(DMatrixRMaj a, DMatrixRMaj b, NDManager manager) {
    DMatrixRMaj factor = factor(a);
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(sandwich(factor, b, manager), false);
    double sum = 0;
    for (int i = 0; i < factor.numCols; i++) {
      sum += Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
    }
    return sum;
  }

  /** {@code F} [D,R] with {@code F Fᵀ = S}: Cholesky's, or by eigenvectors where S is singular. */
  private static DMatrixRMaj factor(DMatrixRMaj s) {
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky =
        DecompositionFactory_DDRM.chol(s.numRows, true);
    if (cholesky.decompose(s.copy())) {
      return cholesky.getT(null);
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(s.copy(), true);
    double largest = 0;
    for (int i = 0; i < s.numRows; i++) {
      largest = Math.max(largest, eigen.getEigenvalue(i).real);
    }
    DMatrixRMaj factor = new DMatrixRMaj(s.numRows, s.numRows);
    int rank = 0;
    for (int i = 0; i < s.numRows; i++) {
      double value = eigen.getEigenvalue(i).real;
      if (value > ROUNDING * largest) {
        DMatrixRMaj column = eigen.getEigenVector(i).copy();
        CommonOps_DDRM.scale(Math.sqrt(value), column);
        CommonOps_DDRM.insert(column, factor, 0, rank++);
      }
    }
    return CommonOps_DDRM.extract(factor, 0, s.numRows, 0, Math.max(1, rank));
  }

  /** {@code FᵀSF}, made symmetric to the last bit. */
  private static DMatrixRMaj sandwich(DMatrixRMaj factor, DMatrixRMaj s, NDManager manager) {
    return ArrayScope.value(
        () -> {
          NDArray f = array(factor, manager);
          NDArray product = f.transpose().matMul(array(s, manager)).matMul(f);
          NDArray symmetric = product.add(product.transpose()).mul(0.5);
          return DMatrixRMaj.wrap(factor.numCols, factor.numCols, symmetric.toDoubleArray());
        });
  }

  private static NDArray array(DMatrixRMaj matrix, NDManager manager) {
    return manager.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
  }

  /** Overwrites its argument. */
  private static EigenDecomposition_F64<DMatrixRMaj> decompose(DMatrixRMaj s, boolean vectors) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(s.numRows, vectors, true);
    if (!eigen.decompose(s)) {
      throw new IllegalStateException(
          "the eigenvalues of a covariance did not converge: are there features that overflow?");
    }
    return eigen;
  }
}
