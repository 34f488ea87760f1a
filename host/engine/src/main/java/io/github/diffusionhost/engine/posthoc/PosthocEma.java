package io.github.diffusionhost.engine.posthoc;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * An average that was not tracked, as a combination of snapshots of those that were: the one whose
 * density is nearest in the L² norm (Karras et al. 2023, arXiv 2312.02696, section 3.2 and
 * algorithm 3), scaled so that the coefficients add up to 1.
 *
 * @param coefficients what to multiply each snapshot by, in the order given
 * @param distance the L² norm of the difference of the densities, over that of the wanted one
 */
public record PosthocEma(List<Double> coefficients, double distance) {
  /** Copies the coefficients. */
  public PosthocEma {
    coefficients = List.copyOf(coefficients);
  }

  /**
   * Solves for an average.
   *
   * @param snapshots what there is
   * @param wanted what is asked for
   * @throws IllegalArgumentException if there are no snapshots, two are the same average at the
   *     same time, or they are so alike that float64 cannot tell them apart
   */
  public static PosthocEma of(List<PowerAverage> snapshots, PowerAverage wanted) {
    if (snapshots.isEmpty()) {
      throw new IllegalArgumentException("there are no snapshots to make an average from");
    }
    double[][] gram = gram(snapshots);
    double[] target = target(snapshots, wanted);
    double[] solution = solve(gram, target);
    double sum = DoubleStream.of(solution).sum();
    double[] x = DoubleStream.of(solution).map(value -> value / sum).toArray();
    double whole = wanted.dot(wanted);
    double squared = whole - 2 * dot(x, target);
    for (int i = 0; i < x.length; i++) {
      squared += x[i] * dot(gram[i], x);
    }
    List<Double> coefficients = DoubleStream.of(x).boxed().toList();
    return new PosthocEma(coefficients, Math.sqrt(Math.max(0, squared) / whole));
  }

  /** By how much rounding errors of the snapshots may grow: the sum of the coefficients' sizes. */
  public double amplification() {
    return coefficients.stream().mapToDouble(Math::abs).sum();
  }

  /** The inner products of the snapshots' densities with each other. */
  static double[][] gram(List<PowerAverage> snapshots) {
    return snapshots.stream().map(one -> target(snapshots, one)).toArray(double[][]::new);
  }

  /** The inner products of the snapshots' densities with the wanted one. */
  static double[] target(List<PowerAverage> snapshots, PowerAverage wanted) {
    return snapshots.stream().mapToDouble(wanted::dot).toArray();
  }

  /**
   * Solves a symmetric system, scaled to ones on the diagonal: densities of early snapshots are as
   * much higher as they are shorter.
   */
  private static double[] solve(double[][] gram, double[] target) {
    int n = target.length;
    double[] scale = IntStream.range(0, n).mapToDouble(i -> 1 / Math.sqrt(gram[i][i])).toArray();
    DMatrixRMaj scaled = new DMatrixRMaj(n, n);
    DMatrixRMaj right = new DMatrixRMaj(n, 1);
    for (int i = 0; i < n; i++) {
      right.set(i, 0, scale[i] * target[i]);
      for (int j = 0; j < n; j++) {
        scaled.set(i, j, scale[i] * gram[i][j] * scale[j]);
      }
    }
    LinearSolverDense<DMatrixRMaj> cholesky = LinearSolverFactory_DDRM.symmPosDef(n);
    DMatrixRMaj solution = new DMatrixRMaj(n, 1);
    if (!cholesky.setA(scaled)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "some of the %d snapshots are too much alike to be told apart", n));
    }
    cholesky.solve(right, solution);
    return IntStream.range(0, n).mapToDouble(i -> scale[i] * solution.get(i, 0)).toArray();
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
