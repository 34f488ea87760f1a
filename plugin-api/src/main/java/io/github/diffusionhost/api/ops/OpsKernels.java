package io.github.diffusionhost.api.ops;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@link Ops} that an engine may have a faster way to compute: one kernel instead
 * of several operations. Their contracts are those of {@link Ops}.
 *
 * <p>For hosts; plugins call {@link Ops}.
 */
public interface OpsKernels {
  /** {@link Ops#silu}. */
  NDArray silu(NDArray x);

  /** {@link Ops#layerNorm}. */
  NDArray layerNorm(NDArray x, float eps);

  /** {@link Ops#rmsNorm}. */
  NDArray rmsNorm(NDArray x, @Nullable NDArray weight, float eps);

  /** {@link Ops#groupNorm}. */
  NDArray groupNorm(
      NDArray x, int groups, @Nullable NDArray weight, @Nullable NDArray bias, float eps);

  /** {@link Ops#scaledDotProductAttention}; the heads are known to fit. */
  NDArray scaledDotProductAttention(NDArray q, NDArray k, NDArray v);

  /** {@link Ops#rotate}. */
  NDArray rotate(NDArray x, NDArray cos, NDArray signedSin);

  /** {@link Ops#upsampleNearest}. */
  NDArray upsampleNearest(NDArray x, int factor);

  /** An array that brings kernels of its own: while the host records a network, all do. */
  interface Provider {
    /** The kernels. */
    OpsKernels kernels();
  }
}
