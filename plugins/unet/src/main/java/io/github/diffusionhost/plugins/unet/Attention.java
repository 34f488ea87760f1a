package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** Self-attention of an image's pixels, added to them: [N,C,H,W] to the same. */
final class Attention extends UnetBlock {
  private final int channels;
  private final int heads;
  private final GroupNorm norm;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear out;

  Attention(int channels, UnetOptions options, Layers layers) {
    super(layers);
    this.channels = channels;
    heads = options.heads(channels);
    norm = child("group_norm", new GroupNorm(channels, options));
    query = linear("to_q", channels, channels);
    key = linear("to_k", channels, channels);
    value = linear("to_v", channels, channels);
    out = linear("to_out.0", channels, channels);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    Shape shape = x.getShape();
    long pixels = shape.get(2) * shape.get(3);
    NDArray tokens = pass.apply(norm, x).reshape(shape.get(0), channels, pixels).transpose(0, 2, 1);
    NDArray gathered =
        Ops.scaledDotProductAttention(
                split(pass.apply(query, tokens)),
                split(pass.apply(key, tokens)),
                split(pass.apply(value, tokens)))
            .swapAxes(1, 2)
            .reshape(shape.get(0), pixels, channels);
    return new NDList(x.add(pass.apply(out, gathered).transpose(0, 2, 1).reshape(shape)));
  }

  /** [N,T,C] to [N,heads,T,C/heads]. */
  private NDArray split(NDArray joined) {
    Shape shape = joined.getShape();
    return joined.reshape(shape.get(0), shape.get(1), heads, channels / heads).swapAxes(1, 2);
  }
}
