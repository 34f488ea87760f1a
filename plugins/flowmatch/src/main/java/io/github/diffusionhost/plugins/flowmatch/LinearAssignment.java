package io.github.diffusionhost.plugins.flowmatch;

import java.util.Arrays;

/**
 * The linear assignment problem: one column for each row so that the sum of costs is smallest.
 *
 * <p>Shortest augmenting paths with row and column potentials, O(n³): Jonker and Volgenant 1987,
 * Computing 38, in the form of Crouse 2016, IEEE TAES 52(4).
 */
public final class LinearAssignment {
  private final double[][] cost;
  private final int n;
  private final double[] rowPotential;
  private final double[] columnPotential;
  private final int[] rowOfColumn;
  private final int[] columnOfRow;

  private LinearAssignment(double[][] cost) {
    this.cost = cost;
    this.n = cost.length;
    this.rowPotential = new double[n];
    this.columnPotential = new double[n];
    this.rowOfColumn = new int[n];
    this.columnOfRow = new int[n];
    Arrays.fill(rowOfColumn, -1);
    Arrays.fill(columnOfRow, -1);
  }

  /**
   * Solves.
   *
   * @param cost square and finite, {@code cost[row][column]}
   * @return the column of each row
   * @throws IllegalArgumentException if the matrix is not square or has a value that is not finite
   */
  public static int[] solve(double[][] cost) {
    for (double[] row : cost) {
      if (row.length != cost.length || !Arrays.stream(row).allMatch(Double::isFinite)) {
        throw new IllegalArgumentException("assignment needs a square matrix of finite costs");
      }
    }
    LinearAssignment assignment = new LinearAssignment(cost);
    for (int row = 0; row < cost.length; row++) {
      assignment.augment(row);
    }
    return assignment.columnOfRow;
  }

  /** Assigns {@code start} along the shortest path from it to a free column (Dijkstra). */
  private void augment(int start) {
    double[] distance = new double[n];
    int[] previousRow = new int[n];
    boolean[] done = new boolean[n];
    Arrays.fill(distance, Double.POSITIVE_INFINITY);
    double reached = 0;
    int row = start;
    int free = -1;
    while (free < 0) {
      relax(row, reached, distance, previousRow, done);
      int nearest = nearest(distance, done);
      reached = distance[nearest];
      done[nearest] = true;
      row = rowOfColumn[nearest];
      free = row < 0 ? nearest : -1;
    }
    updatePotentials(start, reached, distance, done);
    for (int column = free; ; ) {
      int from = previousRow[column];
      int next = columnOfRow[from];
      rowOfColumn[column] = from;
      columnOfRow[from] = column;
      if (from == start) {
        return;
      }
      column = next;
    }
  }

  private void relax(int row, double reached, double[] distance, int[] previous, boolean[] done) {
    for (int column = 0; column < n; column++) {
      double through = reached + cost[row][column] - rowPotential[row] - columnPotential[column];
      if (!done[column] && through < distance[column]) {
        distance[column] = through;
        previous[column] = row;
      }
    }
  }

  private int nearest(double[] distance, boolean[] done) {
    int nearest = -1;
    for (int column = 0; column < n; column++) {
      if (!done[column] && (nearest < 0 || distance[column] < distance[nearest])) {
        nearest = column;
      }
    }
    return nearest;
  }

  private void updatePotentials(int start, double reached, double[] distance, boolean[] done) {
    rowPotential[start] += reached;
    for (int column = 0; column < n; column++) {
      if (done[column]) {
        double slack = reached - distance[column];
        columnPotential[column] -= slack;
        if (rowOfColumn[column] >= 0) {
          rowPotential[rowOfColumn[column]] += slack;
        }
      }
    }
  }
}
