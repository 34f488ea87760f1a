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

  /** Rotates the heads of every token: [N,S,heads,headSize]. */
  NDArray apply(NDArray x) {
    return Ops.rotate(x, cos, signedSin);
  }
}
