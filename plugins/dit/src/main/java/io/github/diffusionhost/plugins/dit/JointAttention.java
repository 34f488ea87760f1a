package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/**
 * Attention of the class token and the image tokens to each other, each stream with layers of its
 * own: grouped queries, RMS norm of queries and keys, rotary positions. The class token comes
 * first.
 *
 * <p>Esser et al. 2024, arXiv 2403.03206, section 4 (MM-DiT).
 */
final class JointAttention extends DitBlock {
  private final int heads;
  private final int kvHeads;
  private final int headSize;
  private final AttentionStream image;
  private final AttentionStream label;

  JointAttention(DitOptions options) {
    heads = options.heads();
    kvHeads = options.kvHeads();
    headSize = options.headSize();
    image = stream(options.width(), "");
    label = stream(options.width(), "_add");
  }

  private AttentionStream stream(int width, String suffix) {
    return new AttentionStream(
        linear("q_proj" + suffix, width, heads * headSize),
        linear("k_proj" + suffix, width, kvHeads * headSize),
        linear("v_proj" + suffix, width, kvHeads * headSize),
        child("q_norm" + suffix, new RmsScale(headSize)),
        child("k_norm" + suffix, new RmsScale(headSize)),
        linear("o_proj" + suffix, heads * headSize, width));
  }

  /**
   * What each token gathers from all, before the output layers: [N,1+T,heads·headSize].
   *
   * @param in normalised and modulated tokens
   */
  NDArray attend(Forward pass, Streams in, Rotation rotation) {
    NDArray all = label.project(pass, in.label()).concat(image.project(pass, in.image()), 1);
    long queries = (long) heads * headSize;
    long keys = (long) kvHeads * headSize;
    NDList parts = all.split(new long[] {queries, queries + keys}, 2);
    NDArray q = split(parts.get(0), heads);
    NDArray k = split(parts.get(1), kvHeads);
    NDArray v = split(parts.get(2), kvHeads);
    q = scaledAndRotated(pass, q, label.queryNorm(), image.queryNorm(), rotation);
    k = scaledAndRotated(pass, k, label.keyNorm(), image.keyNorm(), rotation);
    return Ops.scaledDotProductAttention(q.swapAxes(1, 2), k.swapAxes(1, 2), v.swapAxes(1, 2))
        .swapAxes(1, 2)
        .reshape(new Shape(-1, all.getShape().get(1), queries));
  }

  /** The output layer of the image tokens, [N,T,·] to [N,T,D]. */
  NDArray imageOut(Forward pass, NDArray gathered) {
    return pass.apply(image.out(), gathered);
  }

  /** The output layer of the class token, [N,1,·] to [N,1,D]. */
  NDArray labelOut(Forward pass, NDArray gathered) {
    return pass.apply(label.out(), gathered);
  }

  /** [N,S,count·headSize] to [N,S,count,headSize]. */
  private NDArray split(NDArray joined, int count) {
    Shape shape = joined.getShape();
    return joined.reshape(new Shape(shape.get(0), shape.get(1), count, headSize));
  }

  /** RMS norm with each stream's own weight, then the rotation. [N,S,·,headSize]. */
  private NDArray scaledAndRotated(
      Forward pass, NDArray x, RmsScale first, RmsScale rest, Rotation rotation) {
    Shape others = new Shape(x.getShape().get(1) - 1, 1, headSize);
    NDArray weights =
        first
            .weight(pass, x)
            .reshape(1, 1, headSize)
            .concat(rest.weight(pass, x).reshape(1, 1, headSize).broadcast(others), 0);
    return rotation.apply(Ops.rmsNorm(x, weights, RmsScale.EPS));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    Rotation rotation = new Rotation(inputs.get(2), inputs.get(3));
    return new NDList(attend(pass, new Streams(inputs.get(0), inputs.get(1)), rotation));
  }
}
