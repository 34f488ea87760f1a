package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * Mean and scatter of vectors that come in batches, in float64 on the device. No vector is kept.
 *
 * <p>With count n, mean m and scatter {@code S = Σ (x−m)(x−m)ᵀ} of either part and {@code δ = m_b −
 * m_a}, those of both are {@code m_a + δ·n_b/n} and {@code S_a + S_b + δδᵀ·n_a·n_b/n}: Chan, Golub
 * and LeVeque 1983, "Algorithms for computing the sample variance", equation 2.1, which loses
 * nothing to a mean that is large beside the spread.
 */
public final class Moments implements AutoCloseable {
  private final NDManager manager;
  private @Nullable Sums sums;

  /** No vectors yet; the arrays will live on the manager's device until this is closed. */
  public Moments(NDManager manager) {
    this.manager = manager;
  }

  /** How many vectors there were. */
  public long count() {
    return sums == null ? 0 : sums.count;
  }

  /**
   * Adds vectors.
   *
   * @param vectors [N,D], D the same in all calls
   */
  public void add(NDArray vectors) {
    Shape shape = vectors.getShape();
    Sums own = sums(shape.get(1));
    ArrayScope.run(
        () -> {
          NDArray x = vectors.toType(DataType.FLOAT64, false);
          NDArray centre = x.mean(new int[] {0}, true);
          NDArray centred = x.sub(centre);
          own.add(shape.get(0), centre, centred.transpose().matMul(centred));
        });
  }

  /** Adds the vectors that other moments are of. */
  public void merge(Moments other) {
    Sums more = other.sums;
    if (more != null) {
      Sums own = sums(more.mean.size());
      ArrayScope.run(
          () -> {
            own.add(more.count, more.mean, more.scatter);
          });
    }
  }

  private Sums sums(long dimension) {
    Sums own = sums == null ? Sums.none(dimension, manager) : sums;
    if (own.mean.size() != dimension) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "vectors of %d numbers after those of %d", dimension, own.mean.size()));
    }
    sums = own;
    return own;
  }

  /**
   * Mean and covariance.
   *
   * @throws IllegalStateException if there were fewer than two vectors
   */
  public Gaussian gaussian() {
    if (sums == null || sums.count < 2) {
      throw new IllegalStateException(
          "a covariance needs at least 2 images, and there are " + count());
    }
    int dimension = Math.toIntExact(sums.mean.size());
    double[] covariance = sums.scatter.toDoubleArray();
    for (int i = 0; i < covariance.length; i++) {
      covariance[i] /= sums.count - 1;
    }
    return new Gaussian(
        sums.count,
        DMatrixRMaj.wrap(1, dimension, sums.mean.toDoubleArray()),
        DMatrixRMaj.wrap(dimension, dimension, covariance));
  }

  /** Writes everything, bit for bit. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(count());
    if (sums != null) {
      SavedArray.write(sums.mean, out);
      SavedArray.write(sums.scatter, out);
    }
  }

  /**
   * Reads what {@link #save} wrote, before the first vectors.
   *
   * @throws IOException if it was not written by this
   */
  public void restore(DataInput in) throws IOException {
    long count = in.readLong();
    if (count == 0) {
      return;
    }
    ArrayScope.run(
        () -> {
          NDArray mean = SavedArray.read(in, DataType.FLOAT64, manager);
          NDArray scatter = SavedArray.read(in, DataType.FLOAT64, manager);
          long dimension = mean.size();
          if (count < 0 || !scatter.getShape().equals(new Shape(dimension, dimension))) {
            throw new IOException("the kept state holds no mean and scatter");
          }
          sums = new Sums(count, mean, scatter);
        });
  }

  @Override
  public void close() {
    if (sums != null) {
      sums.mean.close();
      sums.scatter.close();
    }
  }

  /** Count, mean [1,D] and scatter [D,D]. */
  private static final class Sums {
    private final NDArray mean;
    private final NDArray scatter;
    private long count;

    /** The arrays are taken from the caller's scope. */
    Sums(long count, NDArray mean, NDArray scatter) {
      this.count = count;
      this.mean = mean;
      this.scatter = scatter;
      NDScope.unregister(mean, scatter);
    }

    static Sums none(long dimension, NDManager manager) {
      return new Sums(
          0,
          manager.zeros(new Shape(1, dimension), DataType.FLOAT64),
          manager.zeros(new Shape(dimension, dimension), DataType.FLOAT64));
    }

    void add(long more, NDArray centre, NDArray scatterOfMore) {
      double total = (double) count + more;
      NDArray delta = centre.sub(mean);
      mean.addi(delta.mul(more / total));
      scatter.addi(scatterOfMore);
      scatter.addi(delta.transpose().matMul(delta).mul(count * (more / total)));
      count += more;
    }
  }
}
