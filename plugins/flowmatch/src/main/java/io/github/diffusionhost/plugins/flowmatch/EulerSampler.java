package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;

/**
 * Euler's method for {@code dx/dσ = v(x, σ)} from noise at σ = 1 to an image at 0: {@code x ← x +
 * (σ_next − σ)·v(x, σ)}, one evaluation a step. The network is told 1000·σ.
 *
 * @param schedule the grid of σ
 */
public record EulerSampler(SigmaSchedule schedule) implements Sampler {
  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    double[] sigmas = schedule.sigmas(sampling.steps());
    NDArray x = noise;
    for (int i = 0; i < sampling.steps(); i++) {
      NDArray v = Velocity.of(network, x, sigmas[i]);
      NDArray next = Velocity.move(x, v, sigmas[i + 1] - sigmas[i]);
      if (x != noise) {
        x.close();
      }
      x = next;
      sampling.listener().step(i + 1, x);
    }
    return x;
  }
}
