package io.github.diffusionhost.plugins.dit;

import io.github.diffusionhost.api.ops.RotaryTable;

/** The positions (row, column) of the class token, which comes first, and of the image tokens. */
final class RotaryPositions {
  private RotaryPositions() {}

  /** The rotary angles of all tokens, [1+T, headSize]. */
  static RotaryTable table(DitOptions options, Patches patches) {
    double[][] image = grid(patches);
    double[] label = {1, 1};
    double[][] all = new double[image.length + 1][];
    switch (options.positions()) {
      case ALIGNED -> {
        all[0] = label;
        System.arraycopy(image, 0, all, 1, image.length);
      }
      case AS_PUBLISHED -> {
        // The published code appends the class token's position but prepends the token, so that
        // each image token has its successor's position.
        System.arraycopy(image, 0, all, 0, image.length);
        all[image.length] = label;
      }
    }
    return new RotaryTable(all, options.headSize(), options.theta());
  }

  private static double[][] grid(Patches patches) {
    double[][] positions = new double[patches.rows() * patches.columns()][];
    for (int row = 0; row < patches.rows(); row++) {
      for (int column = 0; column < patches.columns(); column++) {
        positions[row * patches.columns() + column] = new double[] {row, column};
      }
    }
    return positions;
  }
}
