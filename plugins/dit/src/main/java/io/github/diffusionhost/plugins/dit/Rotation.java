package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.ops.Ops;
import io.github.diffusionhost.api.ops.RotaryTable;

/**
 * The rotary angles of all tokens in one forward pass.
 *
 * @param cos [S,1,headSize]
 * @param signedSin [S,1,headSize]
 */
record Rotation(NDArray cos, NDArray signedSin) {
  static Rotation of(RotaryTable table, NDManager manager) {
    return new Rotation(table.cos(manager).expandDims(1), table.signedSin(manager).expandDims(1));
  }

  /**
   * Scales each token's heads by its weights and rotates them: the weights are taken into the
   * angles, which are small, so that the heads are read only once more.
   *
   * @param x [N,S,heads,headSize]
   * @param weights [S,1,headSize]
   */
  NDArray apply(NDArray x, NDArray weights) {
    return Ops.rotate(x, weights.mul(cos), Ops.swapPairs(weights).mul(signedSin));
  }
}
