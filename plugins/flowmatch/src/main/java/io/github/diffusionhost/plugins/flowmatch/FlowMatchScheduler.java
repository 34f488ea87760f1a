package io.github.diffusionhost.plugins.flowmatch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.SamplerFactory;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Flow matching: the network learns the velocity {@code eps − x0} of the straight path from image
 * to noise, in the mean square; the noise level of a loss is σ.
 *
 * <p>Draws, in this order: the levels [N], the noise [N,C,H,W], the offset noise [N,C,1,1] if there
 * is any.
 */
final class FlowMatchScheduler implements Scheduler {
  private static final int LEVEL_BINS = 10;

  private final FlowMatchOptions options;
  private final SigmaSchedule schedule;

  FlowMatchScheduler(FlowMatchOptions options, SigmaSchedule schedule) {
    this.options = options;
    this.schedule = schedule;
  }

  @Override
  public TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass) {
    NDArray u = options.times().draw(pass.noise(), images.getShape().get(0), options);
    TrainingLevels levels =
        switch (options.time()) {
          case CONSISTENT -> TrainingLevels.consistent(u, schedule);
          case AS_PUBLISHED -> TrainingLevels.asPublished(u, schedule);
        };
    NDArray noise = noiseFor(images, pass.noise());
    NDArray noisy = StraightPath.at(images, noise, levels.sigma());
    NDArray error =
        network
            .predict(noisy, levels.condition())
            .sub(StraightPath.velocity(images, noise))
            .reshape(images.getShape().get(0), -1);
    NDArray loss = error.mul(error).mean(new int[] {1});
    return new TrainingLoss(weighted(loss, levels.sigma()), loss, levels.sigma());
  }

  @Override
  public double[] levelEdges() {
    return IntStream.rangeClosed(0, LEVEL_BINS).mapToDouble(i -> (double) i / LEVEL_BINS).toArray();
  }

  @Override
  public NoiseLevel at(double sigma) {
    return new NoiseLevel(1 - sigma, sigma, -1, 1);
  }

  @Override
  public double conditionAt(double sigma) {
    return SigmaSchedule.TRAINING_LEVELS * sigma;
  }

  @Override
  public double[] samplingLevels(int steps) {
    return Arrays.copyOf(schedule.sigmas(steps), steps);
  }

  @Override
  public List<SamplerFactory<?>> samplers() {
    return List.of(
        new FlowSampler("euler", "Euler's method", new EulerSampler(schedule)),
        new FlowSampler(
            "heun", "Heun's method, two network calls a step", new HeunSampler(schedule)));
  }

  private NDArray noiseFor(NDArray images, Noise draws) {
    Shape shape = images.getShape();
    NDArray noise = draws.normal(shape);
    if (options.offsetNoise() > 0) {
      NDArray offset = draws.normal(new Shape(shape.get(0), shape.get(1), 1, 1));
      noise = noise.add(offset.mul(options.offsetNoise()));
    }
    return options.immiscible() ? NoiseAssignment.nearest(images, noise) : noise;
  }

  private NDArray weighted(NDArray loss, NDArray sigma) {
    if (options.weighting() == LossWeighting.NONE) {
      return loss;
    }
    // A level drawn below the smallest of a grid has the weight of that one, which is finite.
    NDArray floored = sigma.maximum(schedule.shift(schedule.smallest()));
    return loss.mul(options.weighting().weights(floored));
  }
}
