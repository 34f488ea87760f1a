package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import org.jspecify.annotations.Nullable;

/** {@link Ops} as operations of DJL, one after the other. */
final class EagerOps implements OpsKernels {
  static final EagerOps INSTANCE = new EagerOps();

  private EagerOps() {}

  @Override
  public NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  @Override
  public NDArray layerNorm(NDArray x, float eps) {
    NDManager manager = x.getManager();
    Shape last = new Shape(x.getShape().get(x.getShape().dimension() - 1));
    NDArray ones = manager.ones(last, x.getDataType());
    NDArray zeros = manager.zeros(last, x.getDataType());
    return x.getNDArrayInternal().layerNorm(x, last, ones, zeros, eps).singletonOrThrow();
  }

  @Override
  public NDArray rmsNorm(NDArray x, @Nullable NDArray weight, float eps) {
    // The gradient of a sum is a view; that of a mean would be divided element by element.
    long size = x.getShape().get(x.getShape().dimension() - 1);
    NDArray meanSquare = x.mul(x).sum(new int[] {-1}, true).mul(1.0 / size);
    NDArray out = x.mul(meanSquare.add(eps).pow(-0.5));
    return weight == null ? out : out.mul(weight);
  }

  @Override
  public NDArray groupNorm(
      NDArray x, int groups, @Nullable NDArray weight, @Nullable NDArray bias, float eps) {
    Shape shape = x.getShape();
    long channels = shape.get(1);
    NDArray grouped = x.reshape(shape.get(0), groups, -1);
    NDArray centred = grouped.sub(grouped.mean(new int[] {-1}, true));
    NDArray variance = centred.mul(centred).mean(new int[] {-1}, true);
    NDArray out = centred.mul(variance.add(eps).pow(-0.5)).reshape(shape);
    if (weight != null) {
      out = out.mul(weight.reshape(1, channels, 1, 1));
    }
    return bias == null ? out : out.add(bias.reshape(1, channels, 1, 1));
  }

  @Override
  public NDArray scaledDotProductAttention(NDArray q, NDArray k, NDArray v) {
    Shape shape = q.getShape();
    long n = shape.get(0);
    long heads = shape.get(1);
    long tokens = shape.get(2);
    long size = shape.get(3);
    long kvHeads = k.getShape().get(1);
    // The heads that share keys become more tokens of one head: no key is repeated in memory.
    long shared = heads / kvHeads;
    NDArray grouped =
        q.reshape(n, kvHeads, shared, tokens, size)
            .transpose(0, 1, 3, 2, 4)
            .reshape(n, kvHeads, tokens * shared, size);
    NDArray keys = k.mul(1 / Math.sqrt(size)).swapAxes(2, 3);
    return grouped
        .matMul(keys)
        .softmax(-1)
        .matMul(v)
        .reshape(n, kvHeads, tokens, shared, -1)
        .transpose(0, 1, 3, 2, 4)
        .reshape(n, heads, tokens, -1);
  }

  @Override
  public NDArray rotate(NDArray x, NDArray cos, NDArray signedSin) {
    Shape shape = x.getShape();
    int last = shape.dimension() - 1;
    Shape pairs = shape.slice(0, last).add(shape.get(last) / 2, 2);
    NDArray swapped = x.reshape(pairs).flip(last + 1).reshape(shape);
    return x.mul(cos).addi(swapped.mul(signedSin));
  }

  @Override
  public NDArray upsampleNearest(NDArray x, int factor) {
    return x.repeat(2, factor).repeat(3, factor);
  }
}
