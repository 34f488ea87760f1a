package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;

/** The weight of an image's loss by its σ, as diffusers has them. */
public enum LossWeighting {
  /** 1. */
  NONE {
    @Override
    public NDArray weights(NDArray sigma) {
      return sigma.onesLike();
    }
  },
  /** {@code σ^-2}. */
  SIGMA_SQRT {
    @Override
    public NDArray weights(NDArray sigma) {
      return sigma.mul(sigma).pow(-1);
    }
  },
  /** {@code 2 / (π (1 − 2σ + 2σ²))}, Esser et al. 2024, arXiv 2403.03206, section 3.1. */
  COSMAP {
    @Override
    public NDArray weights(NDArray sigma) {
      NDArray bottom = sigma.mul(sigma).sub(sigma).mul(2).add(1);
      return bottom.pow(-1).mul(2 / Math.PI);
    }
  };

  /** The weights at {@code sigma}, [N] to [N]. */
  public abstract NDArray weights(NDArray sigma);
}
