package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.github.diffusionhost.api.noise.Noise;

/**
 * How training draws u, the noise level before the shift: 0 for a clean image, 1 for pure noise.
 *
 * <p>Esser et al. 2024, arXiv 2403.03206, section 3.1.
 */
public enum TimeDistribution {
  /** {@link #logitNormal}. */
  LOGIT_NORMAL {
    @Override
    NDArray draw(Noise noise, long images, FlowMatchOptions options) {
      return logitNormal(noise.normal(new Shape(images)), options.mean(), options.std());
    }
  },
  /** Every level alike. */
  UNIFORM {
    @Override
    NDArray draw(Noise noise, long images, FlowMatchOptions options) {
      return noise.uniform(new Shape(images));
    }
  },
  /** {@link #mode}. */
  MODE {
    @Override
    NDArray draw(Noise noise, long images, FlowMatchOptions options) {
      return mode(noise.uniform(new Shape(images)), options.modeScale());
    }
  };

  /** Draws u, [N] float32. */
  abstract NDArray draw(Noise noise, long images, FlowMatchOptions options);

  /** {@code u = sigmoid(mean + std·z)}, any shape (equation 19). */
  public static NDArray logitNormal(NDArray normals, double mean, double std) {
    return Activation.sigmoid(normals.mul(std).add(mean));
  }

  /**
   * {@code u = 1 − r − scale·(cos²(πr/2) − 1 + r)}, any shape (equation 20).
   *
   * @param uniforms r in [0, 1)
   */
  public static NDArray mode(NDArray uniforms, double scale) {
    NDArray cos = uniforms.mul(Math.PI / 2).cos();
    NDArray bend = cos.mul(cos).sub(1).add(uniforms).mul(scale);
    return uniforms.neg().add(1).sub(bend);
  }
}
