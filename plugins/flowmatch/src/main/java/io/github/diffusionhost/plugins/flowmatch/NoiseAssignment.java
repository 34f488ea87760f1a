package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Immiscible diffusion: within a batch each image gets the noise that makes the sum of squared
 * distances smallest. The distribution of the noise is unchanged.
 *
 * <p>Li et al. 2024, arXiv 2406.12303. Reads the distances to the host.
 */
final class NoiseAssignment {
  private NoiseAssignment() {}

  /**
   * The noise in the order of the images that it is assigned to.
   *
   * @param images [N,C,H,W]
   * @param noise [N,C,H,W]
   */
  static NDArray nearest(NDArray images, NDArray noise) {
    int n = Math.toIntExact(images.getShape().get(0));
    int[] column = LinearAssignment.solve(distances(images, noise, n));
    long[] order = new long[n];
    for (int i = 0; i < n; i++) {
      order[i] = column[i];
    }
    NDManager manager = noise.getManager();
    return noise.get(manager.create(order));
  }

  /** |x − e|² less |x|² and |e|², which every assignment sums to the same. */
  private static double[][] distances(NDArray images, NDArray noise, int n) {
    float[] products;
    try (NDArray x = images.reshape(n, -1);
        NDArray e = noise.reshape(n, -1);
        NDArray transposed = e.transpose();
        NDArray dot = x.matMul(transposed)) {
      products = dot.toFloatArray();
    }
    double[][] cost = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        cost[i][j] = -2.0 * products[i * n + j];
      }
    }
    return cost;
  }
}
