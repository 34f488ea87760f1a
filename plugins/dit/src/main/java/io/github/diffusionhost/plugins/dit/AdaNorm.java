package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/**
 * Modulation of layer norms by the time: shifts, scales and gates, each [N,1,D], from one linear
 * layer.
 *
 * <p>Peebles and Xie 2022, arXiv 2212.09748, section 3.2 (adaLN).
 */
final class AdaNorm extends DitBlock {
  private static final float EPS = 1e-6f;

  private final int chunks;
  private final Linear linear;

  AdaNorm(int width, int chunks) {
    this.chunks = chunks;
    this.linear = linear("linear", width, chunks * width);
  }

  /** The chunks of the modulation, from SiLU of the embedded time [N,1,D]. */
  NDList chunks(Forward pass, NDArray time) {
    return pass.apply(linear, time).split(chunks, 2);
  }

  /** {@code LN(x)}, [N,T,D], without scale and shift of its own. */
  static NDArray norm(NDArray x) {
    return Ops.layerNorm(x, EPS);
  }

  /** {@code LN(x)·(1 + scale) + shift}, [N,T,D]. */
  static NDArray modulated(NDArray x, NDArray shift, NDArray scale) {
    return norm(x).mul(scale.add(1)).addi(shift);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return chunks(pass, inputs.singletonOrThrow());
  }
}
