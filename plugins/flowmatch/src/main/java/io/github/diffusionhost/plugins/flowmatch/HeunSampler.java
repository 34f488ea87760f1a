package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;

/**
 * Heun's method for {@code dx/dσ = v(x, σ)} from noise at σ = 1 to an image at 0: an Euler step,
 * then the step again with the mean of the velocities at both its ends. Two evaluations a step; the
 * last step, to σ = 0, is Euler's. The network is told 1000·σ.
 *
 * <p>Karras et al. 2022, arXiv 2206.00364, algorithm 1.
 *
 * @param schedule the grid of σ
 */
public record HeunSampler(SigmaSchedule schedule) implements Sampler {
  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    double[] sigmas = schedule.sigmas(sampling.steps());
    NDArray x = noise;
    for (int i = 0; i < sampling.steps(); i++) {
      double step = sigmas[i + 1] - sigmas[i];
      NDArray v = Velocity.of(network, x, sigmas[i]);
      NDArray next = Velocity.move(x, v, step);
      if (sigmas[i + 1] > 0) {
        NDArray euler = next;
        NDArray mean = v.add(Velocity.of(network, euler, sigmas[i + 1])).muli(0.5);
        next = Velocity.move(x, mean, step);
        mean.close();
        euler.close();
      }
      if (x != noise) {
        x.close();
      }
      x = next;
      sampling.listener().step(i + 1, x);
    }
    return x;
  }
}
