package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Two sets of feature vectors, each seen as the union of balls around its members that reach to
 * their k-th nearest neighbour in the set. A ball holds its surface.
 */
public final class Manifolds {
  private final NDArray real;
  private final NDArray generated;
  private final int k;
  private final double[] realRadii;

  /**
   * Finds the balls of the real set.
   *
   * @param real [M,D], M above k
   * @param generated [N,D], N above k
   */
  public Manifolds(NDArray real, NDArray generated, int k) {
    this.real = real;
    this.generated = generated;
    this.k = k;
    this.realRadii = Distances.neighbourRadii(real, k);
  }

  /**
   * The share of generated vectors within some ball of the real set. Kynkäänniemi et al. 2019,
   * arXiv 1904.06991, equation 2.
   */
  public double precision() {
    return shareWithin(generated, real, realRadii);
  }

  /** The share of real vectors within some ball of the generated set. */
  public double recall() {
    return shareWithin(real, generated, Distances.neighbourRadii(generated, k));
  }

  /**
   * How many balls of the real set a generated vector lies in, on average, as a multiple of k.
   * Naeem et al. 2020, arXiv 2002.09797, equation 3.
   */
  public double density() {
    NDArray limits = limits(realRadii, real);
    double[] sum = {0};
    Distances.each(
        generated,
        real,
        (first, squared) ->
            sum[0] += squared.lte(limits).toType(DataType.FLOAT64, false).sum().getDouble());
    limits.close();
    return sum[0] / k / generated.getShape().get(0);
  }

  /** The share of the real set's balls that hold a generated vector: the same, equation 4. */
  public double coverage() {
    double[] nearest = Distances.nearest(real, generated);
    int covered = 0;
    for (int i = 0; i < nearest.length; i++) {
      covered += nearest[i] <= realRadii[i] ? 1 : 0;
    }
    return (double) covered / nearest.length;
  }

  private static double shareWithin(NDArray of, NDArray centres, double[] radii) {
    NDArray limits = limits(radii, of);
    double[] inside = {0};
    Distances.each(
        of,
        centres,
        (first, squared) ->
            inside[0] +=
                squared
                    .lte(limits)
                    .toType(DataType.FLOAT64, false)
                    .max(new int[] {1})
                    .sum()
                    .getDouble());
    limits.close();
    return inside[0] / of.getShape().get(0);
  }

  /** [1,N] on the device of the vectors. */
  private static NDArray limits(double[] radii, NDArray like) {
    return like.getManager().create(radii).reshape(1, radii.length);
  }
}
