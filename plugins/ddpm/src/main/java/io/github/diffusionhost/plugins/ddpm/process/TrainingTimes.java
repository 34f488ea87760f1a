package io.github.diffusionhost.plugins.ddpm.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;

/** How training draws timesteps: uniformly from {0, …, T−1} (Ho et al. 2020, algorithm 1). */
public enum TrainingTimes {
  /** One for each image: a draw of shape [N]. */
  PER_IMAGE {
    @Override
    NDArray uniforms(Noise noise, long images) {
      return noise.uniform(new Shape(images));
    }
  },
  /** One for all images of a batch: a draw of shape [1]. */
  PER_BATCH {
    @Override
    NDArray uniforms(Noise noise, long images) {
      return noise.uniform(new Shape(1)).broadcast(new Shape(images));
    }
  };

  /** u in [0, 1), [N] float32. */
  abstract NDArray uniforms(Noise noise, long images);

  /** {@code t = ⌊u·T⌋}, [N] float32; T−1 where rounding reaches T. */
  public NDArray draw(Noise noise, long images, int timesteps) {
    return uniforms(noise, images).mul(timesteps).floor().minimum(timesteps - 1);
  }
}
