package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;

/** D(x, σ): the clean image that is expected behind a noisy one. */
@FunctionalInterface
interface ImageEstimate {
  /**
   * Denoises.
   *
   * @param x [N,C,H,W] float64
   * @return [N,C,H,W] float64
   */
  NDArray of(NDArray x, double sigma);

  /** That of a preconditioned network, which computes in float32. */
  static ImageEstimate by(DenoisingNetwork network, Preconditioning preconditioning) {
    return (x, sigma) -> {
      NDArray seen = x.mul(preconditioning.in(sigma)).toType(DataType.FLOAT32, false);
      Shape images = new Shape(x.getShape().get(0));
      float condition = (float) preconditioning.condition(sigma);
      NDArray output =
          network.predict(seen, x.getManager().full(images, condition, DataType.FLOAT32));
      return x.mul(preconditioning.skip(sigma))
          .add(output.toType(DataType.FLOAT64, false).mul(preconditioning.out(sigma)));
    };
  }

  /** This, kept within [−1, 1] if {@code clip} says so. */
  default ImageEstimate clipped(boolean clip) {
    return clip ? (x, sigma) -> of(x, sigma).clip(-1.0, 1.0) : this;
  }
}
