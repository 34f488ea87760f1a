package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** The six chunks of one stream's modulation in a block, each [N,1,D], and where they act. */
record Modulation(
    NDArray shiftAttention,
    NDArray scaleAttention,
    NDArray gateAttention,
    NDArray shiftMlp,
    NDArray scaleMlp,
    NDArray gateMlp) {

  /** In the order of the reference's weights. */
  static Modulation of(NDList chunks) {
    return new Modulation(
        chunks.get(0), chunks.get(1), chunks.get(2), chunks.get(3), chunks.get(4), chunks.get(5));
  }

  NDArray beforeAttention(NDArray x) {
    return AdaNorm.modulated(x, shiftAttention, scaleAttention);
  }

  NDArray afterAttention(NDArray x, NDArray attended) {
    return attended.mul(gateAttention).addi(x);
  }

  NDArray beforeMlp(NDArray x) {
    return AdaNorm.modulated(x, shiftMlp, scaleMlp);
  }

  NDArray afterMlp(NDArray x, NDArray out) {
    return out.mul(gateMlp).addi(x);
  }
}
