package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.Sampling;

/**
 * A solver in float64 around a network in float32, from noise at the first σ of the schedule.
 *
 * @param preconditioning how the network is a denoiser
 * @param schedule the grid
 * @param solver the steps
 */
record SigmaSampler(Preconditioning preconditioning, KarrasSchedule schedule, SigmaSolver solver)
    implements Sampler {
  @Override
  public NDArray sample(DenoisingNetwork network, NDArray noise, Sampling sampling) {
    double[] sigmas = schedule.sigmas(sampling.steps());
    NDArray start = noise.toType(DataType.FLOAT64, true).muli(sigmas[0]);
    ImageEstimate images = ImageEstimate.by(network, preconditioning);
    Sampling inDouble =
        new Sampling(sampling.steps(), sampling.noise(), single(sampling.listener()));
    try (NDArray sample = solver.solve(images, sigmas, start, inDouble)) {
      return sample.toType(DataType.FLOAT32, true);
    }
  }

  private static Sampling.Listener single(Sampling.Listener listener) {
    if (listener == Sampling.Listener.NONE) {
      return listener;
    }
    return (step, state) -> {
      try (NDArray shown = state.toType(DataType.FLOAT32, true)) {
        listener.step(step, shown);
      }
    };
  }
}
