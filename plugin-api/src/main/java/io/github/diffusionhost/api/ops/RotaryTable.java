package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The angles of a rotary position embedding with one position per axis, as in FLUX: each axis gets
 * an equal share d of the head, frequencies {@code theta^(-2m/d)}, each angle for one interleaved
 * pair.
 *
 * <p>Su et al. 2021, arXiv 2104.09864.
 */
public final class RotaryTable {
  private final int tokens;
  private final int size;
  private final float[] cos;
  private final float[] signedSin;

  /**
   * Computes the angles in float64.
   *
   * @param positions [T][axes]
   * @param size the size of a head; a multiple of twice the number of axes
   * @param theta the base of the frequencies
   */
  public RotaryTable(double[][] positions, int size, double theta) {
    int axes = positions[0].length;
    if (size % (2 * axes) != 0) {
      throw new IllegalArgumentException(
          "a head of " + size + " cannot be shared by " + axes + " rotary axes");
    }
    this.tokens = positions.length;
    this.size = size;
    this.cos = new float[tokens * size];
    this.signedSin = new float[tokens * size];
    int share = size / axes;
    for (int token = 0; token < tokens; token++) {
      for (int pair = 0; pair < size / 2; pair++) {
        int axis = pair / (share / 2);
        int m = pair % (share / 2);
        double angle = positions[token][axis] * Math.pow(theta, -2.0 * m / share);
        int at = token * size + 2 * pair;
        cos[at] = cos[at + 1] = (float) Math.cos(angle);
        signedSin[at + 1] = (float) Math.sin(angle);
        signedSin[at] = -signedSin[at + 1];
      }
    }
  }

  /** Cosines [T, D], for {@link Ops#rotate}. */
  public NDArray cos(NDManager manager) {
    return manager.create(cos, new Shape(tokens, size));
  }

  /** Sines [T, D], the first of each pair negated, for {@link Ops#rotate}. */
  public NDArray signedSin(NDManager manager) {
    return manager.create(signedSin, new Shape(tokens, size));
  }
}
