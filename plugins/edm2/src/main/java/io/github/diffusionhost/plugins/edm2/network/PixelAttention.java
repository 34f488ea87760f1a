package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/**
 * Cosine attention of an image's pixels, added to them: [N,C,H,W] to the same. Queries, keys and
 * values are normalised to a mean square of 1; a head's channels lie together, its queries first.
 */
final class PixelAttention extends CompositeBlock {
  private static final float EPS = 1e-8f;

  private final NetworkConfig config;
  private final int channels;
  private final int headSize;
  private final Convolution projection;
  private final Convolution output;

  /**
   * Attention.
   *
   * @param headSize channels of a head, a divisor of {@code channels}
   */
  PixelAttention(int channels, int headSize, Layers layers) {
    this.config = layers.config();
    this.channels = channels;
    this.headSize = headSize;
    Shape seen = new Shape(1, channels, 8, 8);
    projection = child("projection", layers.convolution(channels, 3 * channels, 1), seen);
    output = child("output", layers.convolution(channels, channels, 1), seen);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    Shape shape = x.getShape();
    long n = shape.get(0);
    long pixels = shape.get(2) * shape.get(3);
    long heads = channels / headSize;
    NDArray joined =
        pass.apply(projection, x).reshape(n, heads, 3, headSize, pixels).transpose(2, 0, 1, 4, 3);
    NDArray gathered =
        Ops.scaledDotProductAttention(part(joined, 0), part(joined, 1), part(joined, 2))
            .swapAxes(2, 3)
            .reshape(shape);
    return new NDList(config.add(x, pass.apply(output, gathered)));
  }

  /** Queries, keys or values of mean square 1: [3,N,heads,T,D] to [N,heads,T,D]. */
  private static NDArray part(NDArray joined, int index) {
    return Ops.rmsNorm(joined.get(index), null, EPS);
  }
}
