package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import io.github.diffusionhost.api.ops.Ops;

/** What a block does to the resolution. */
enum Resampling {
  NONE,
  /** The mean of four pixels. */
  HALVE,
  /** Every pixel four times. */
  DOUBLE;

  private static final Shape TWO = new Shape(2, 2);

  /** [N,C,H,W] to [N,C,·,·]. */
  NDArray apply(NDArray x) {
    return switch (this) {
      case NONE -> x;
      case HALVE -> Pool.avgPool2d(x, TWO, TWO, new Shape(0, 0), false, true);
      case DOUBLE -> Ops.upsampleNearest(x, 2);
    };
  }
}
