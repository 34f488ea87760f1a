package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
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
    return kernels(x).silu(x);
  }

  /** {@code x · Φ(x)} with the exact normal distribution function (erf), any shape. */
  public static NDArray gelu(NDArray x) {
    return Activation.gelu(x);
  }

  /** Layer norm over the last dimension, without scale and shift: [..., D] to [..., D]. */
  public static NDArray layerNorm(NDArray x, float eps) {
    return kernels(x).layerNorm(x, eps);
  }

  /**
   * Root-mean-square norm over the last dimension: {@code x / sqrt(mean(x²) + eps) · weight}.
   *
   * @param x [..., D]
   * @param weight broadcast to x, as a rule [D]; null for none
   */
  public static NDArray rmsNorm(NDArray x, @Nullable NDArray weight, float eps) {
    return kernels(x).rmsNorm(x, weight, eps);
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
    long channels = x.getShape().get(1);
    if (channels % groups != 0) {
      throw new IllegalArgumentException(channels + " channels do not make " + groups + " groups");
    }
    return kernels(x).groupNorm(x, groups, weight, bias, eps);
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
    long heads = q.getShape().get(1);
    long kvHeads = k.getShape().get(1);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          heads + " query heads do not share " + kvHeads + " key heads evenly");
    }
    return kernels(q).scaledDotProductAttention(q, k, v);
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
    return kernels(x).rotate(x, cos, signedSin);
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
    return kernels(x).upsampleNearest(x, factor);
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
    NDArray keep = noise.bernoulli(x.getShape(), 1 - rate).toType(x.getDataType(), false);
    return x.mul(keep).div(1 - rate);
  }

  private static OpsKernels kernels(NDArray x) {
    return x instanceof OpsKernels.Provider provider ? provider.kernels() : EagerOps.INSTANCE;
  }
}
