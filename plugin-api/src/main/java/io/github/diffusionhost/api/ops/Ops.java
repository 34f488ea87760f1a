package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.github.diffusionhost.api.noise.Noise;
import org.jspecify.annotations.Nullable;

/**
 * Array functions that diffusion networks are made of and DJL lacks. All are differentiable, leave
 * their arguments alone and compute in the arguments' type.
 */
public final class Ops {
  private Ops() {}

  /** {@code x · sigmoid(x)}, any shape. */
  public static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  /** {@code x · Φ(x)} with the exact normal distribution function (erf), any shape. */
  public static NDArray gelu(NDArray x) {
    return Activation.gelu(x);
  }

  /** Layer norm over the last dimension, without scale and shift: [..., D] to [..., D]. */
  public static NDArray layerNorm(NDArray x, float eps) {
    NDManager manager = x.getManager();
    Shape last = new Shape(x.getShape().get(x.getShape().dimension() - 1));
    NDArray ones = manager.ones(last, x.getDataType());
    NDArray zeros = manager.zeros(last, x.getDataType());
    return x.getNDArrayInternal().layerNorm(x, last, ones, zeros, eps).singletonOrThrow();
  }

  /**
   * Root-mean-square norm over the last dimension: {@code x / sqrt(mean(x²) + eps) · weight}.
   *
   * @param x [..., D]
   * @param weight broadcast to x, as a rule [D]; null for none
   */
  public static NDArray rmsNorm(NDArray x, @Nullable NDArray weight, float eps) {
    // The gradient of a sum is a view; that of a mean would be divided element by element.
    long size = x.getShape().get(x.getShape().dimension() - 1);
    NDArray meanSquare = x.mul(x).sum(new int[] {-1}, true).mul(1.0 / size);
    NDArray out = x.mul(meanSquare.add(eps).pow(-0.5));
    return weight == null ? out : out.mul(weight);
  }

  /**
   * Group norm: each image's channels in {@code groups} equal groups, normalised over channels and
   * pixels of the group (divisor n), then scaled and shifted by channel.
   *
   * @param x [N,C,H,W], C a multiple of {@code groups}
   * @param weight [C], or null for none
   * @param bias [C], or null for none
   */
  public static NDArray groupNorm(
      NDArray x, int groups, @Nullable NDArray weight, @Nullable NDArray bias, float eps) {
    Shape shape = x.getShape();
    long channels = shape.get(1);
    if (channels % groups != 0) {
      throw new IllegalArgumentException(channels + " channels do not make " + groups + " groups");
    }
    NDArray grouped = x.reshape(shape.get(0), groups, -1);
    NDArray centred = grouped.sub(grouped.mean(new int[] {-1}, true));
    NDArray variance = centred.mul(centred).mean(new int[] {-1}, true);
    NDArray out = centred.mul(variance.add(eps).pow(-0.5)).reshape(shape);
    if (weight != null) {
      out = out.mul(weight.reshape(1, channels, 1, 1));
    }
    return bias == null ? out : out.add(bias.reshape(1, channels, 1, 1));
  }

  /**
   * Attention: {@code softmax(q kᵀ / sqrt(D)) v}. Grouped-query: query head j uses key and value
   * head {@code j / (heads / kvHeads)}.
   *
   * @param q [N, heads, T, D]; nothing is copied if it is a view of [N, T, heads, D] and kvHeads 1
   * @param k [N, kvHeads, S, D], heads a multiple of kvHeads
   * @param v [N, kvHeads, S, E]
   * @return [N, heads, T, E], a view of [N, T, heads, E] if kvHeads is 1
   */
  public static NDArray scaledDotProductAttention(NDArray q, NDArray k, NDArray v) {
    Shape shape = q.getShape();
    long n = shape.get(0);
    long heads = shape.get(1);
    long tokens = shape.get(2);
    long size = shape.get(3);
    long kvHeads = k.getShape().get(1);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          heads + " query heads do not share " + kvHeads + " key heads evenly");
    }
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

  /**
   * Rotates interleaved pairs by the angles of a {@link RotaryTable}: {@code (x0, x1) → (x0 cos −
   * x1 sin, x1 cos + x0 sin)}.
   *
   * @param x [..., D]
   * @param cos broadcast to x: [T, D] for x [N, heads, T, D]
   * @param signedSin like cos: sin with the first of each pair negated
   */
  public static NDArray rotate(NDArray x, NDArray cos, NDArray signedSin) {
    Shape shape = x.getShape();
    int last = shape.dimension() - 1;
    Shape pairs = shape.slice(0, last).add(shape.get(last) / 2, 2);
    NDArray swapped = x.reshape(pairs).flip(last + 1).reshape(shape);
    return x.mul(cos).addi(swapped.mul(signedSin));
  }

  /**
   * Sinusoidal embedding of a number, as in "Attention is all you need": cos and sin of {@code
   * value · maxPeriod^(-k/(half − shift))} for k in [0, half), half = dim/2.
   *
   * @param values [N]
   * @param dim the size of the embedding; even
   * @param sinFirst whether sin comes first (diffusers: {@code flip_sin_to_cos=False})
   * @param shift taken from half in the exponent (diffusers: {@code downscale_freq_shift})
   * @return [N, dim] float32
   */
  public static NDArray sinusoidalEmbedding(
      NDArray values, int dim, boolean sinFirst, double shift, double maxPeriod) {
    int half = dim / 2;
    float[] frequencies = new float[half];
    for (int k = 0; k < half; k++) {
      frequencies[k] = (float) Math.exp(-Math.log(maxPeriod) * k / (half - shift));
    }
    NDArray angles =
        values
            .toType(DataType.FLOAT32, false)
            .reshape(-1, 1)
            .mul(values.getManager().create(frequencies, new Shape(1, half)));
    NDArray sin = angles.sin();
    NDArray cos = angles.cos();
    return sinFirst ? sin.concat(cos, 1) : cos.concat(sin, 1);
  }

  /**
   * Repeats every pixel: [N,C,H,W] to [N,C,H·factor,W·factor].
   *
   * @param factor at least 1
   */
  public static NDArray upsampleNearest(NDArray x, int factor) {
    return x.repeat(2, factor).repeat(3, factor);
  }

  /**
   * Sets elements to zero with probability {@code rate} and divides the rest by {@code 1 − rate}.
   *
   * @param rate in [0, 1)
   * @param noise the draws of the forward pass
   */
  public static NDArray dropout(NDArray x, double rate, Noise noise) {
    if (rate == 0) {
      return x;
    }
    NDArray keep = noise.uniform(x.getShape()).gte(rate).toType(x.getDataType(), false);
    return x.mul(keep).div(1 - rate);
  }
}
