package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import org.jspecify.annotations.Nullable;

/** A residual block, attention if it has any, and a clip. */
final class Block extends CompositeBlock {
  private final NetworkConfig config;
  private final BlockShape shape;
  private final Residual residual;
  private final @Nullable PixelAttention attention;

  Block(BlockShape shape, Layers layers) {
    this.config = layers.config();
    this.shape = shape;
    residual = child("res", Residual.of(shape, layers), new Shape(1, shape.in(), 8, 8));
    attention =
        shape.headSize() == 0
            ? null
            : child(
                "attn",
                new PixelAttention(shape.out(), shape.headSize(), layers),
                new Shape(1, shape.out(), 8, 8));
  }

  /** Whether the block takes what the way down left beside what comes from below. */
  boolean takesSkip() {
    return !shape.encoder() && shape.resampling() == Resampling.NONE;
  }

  /** Applies the block: x [N,in,H,W] and the embedding [N,E] to [N,out,·,·]. */
  NDArray apply(Forward pass, NDArray x, NDArray embedding) {
    NDArray state = residual.apply(pass, x, embedding);
    return config.clip(attention == null ? state : pass.apply(attention, state));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.get(0), inputs.get(1)));
  }
}
