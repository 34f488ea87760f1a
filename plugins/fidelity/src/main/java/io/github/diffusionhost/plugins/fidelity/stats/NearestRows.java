package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** For each row of a table the nearest row of another, which comes in parts. */
public final class NearestRows {
  private final NDArray rows;
  private final double[] squared;
  private final int[] nearest;

  /**
   * No other rows yet.
   *
   * @param rows [N,D] of any type; stays the caller's
   */
  public NearestRows(NDArray rows) {
    int n = Math.toIntExact(rows.getShape().get(0));
    this.rows = rows;
    this.squared = new double[n];
    this.nearest = new int[n];
    Arrays.fill(squared, Double.POSITIVE_INFINITY);
  }

  /**
   * Looks for nearer rows.
   *
   * @param others [M,D]
   * @param first the number of the first of them
   */
  public void add(NDArray others, int first) {
    Distances.each(
        rows,
        others,
        (from, distances) -> {
          double[] least = distances.min(new int[] {1}).toDoubleArray();
          long[] places = distances.argMin(1).toLongArray();
          for (int i = 0; i < least.length; i++) {
            int row = Math.toIntExact(from) + i;
            if (least[i] < squared[row]) {
              squared[row] = least[i];
              nearest[row] = first + Math.toIntExact(places[i]);
            }
          }
        });
  }

  /** The Euclidean distance of each row to the nearest one. */
  public double[] distances() {
    return Arrays.stream(squared).map(Math::sqrt).toArray();
  }

  /** The number of the row that is nearest to a row. */
  public int nearest(int row) {
    return nearest[row];
  }
}
