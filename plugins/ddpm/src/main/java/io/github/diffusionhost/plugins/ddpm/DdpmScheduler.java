package io.github.diffusionhost.plugins.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.SamplerFactory;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import io.github.diffusionhost.plugins.ddpm.process.DdpmOptions;
import io.github.diffusionhost.plugins.ddpm.process.ForwardProcess;
import io.github.diffusionhost.plugins.ddpm.process.LossWeighting;
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule;
import io.github.diffusionhost.plugins.ddpm.process.TrainingTimes;
import io.github.diffusionhost.plugins.ddpm.samplers.DdpmSamplers;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * DDPM training: Ho et al. 2020, arXiv 2006.11239, algorithm 1. The network is told the timestep t,
 * which is also the noise level of a loss.
 *
 * <p>Draws, in this order: uniforms for the timesteps, [N] or [1] by {@link TrainingTimes}; the
 * noise [N,C,H,W].
 */
final class DdpmScheduler implements Scheduler {
  private static final int LEVEL_BINS = 10;

  private final DdpmOptions options;
  private final NoiseSchedule schedule;
  private final float[] signals;
  private final float[] noises;
  private final float[] weights;

  DdpmScheduler(DdpmOptions options) {
    this.options = options;
    this.schedule = NoiseSchedule.of(options);
    this.signals = table(t -> schedule.mix(t).signal());
    this.noises = table(t -> schedule.mix(t).noise());
    this.weights =
        table(
            t ->
                options
                    .weighting()
                    .weight(schedule.snr(t), options.minSnrGamma(), options.prediction()));
  }

  @Override
  public TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass) {
    long n = images.getShape().get(0);
    NDArray t = options.times().draw(pass.noise(), n, schedule.timesteps());
    NDArray noise = pass.noise().normal(images.getShape());
    NDArray signal = entries(signals, t).reshape(-1, 1, 1, 1);
    NDArray noiseShare = entries(noises, t).reshape(-1, 1, 1, 1);
    NDArray noisy = ForwardProcess.at(images, noise, signal, noiseShare);
    NDArray target = options.prediction().target(images, noise, signal, noiseShare);
    NDArray error = network.predict(noisy, t).sub(target).reshape(n, -1);
    NDArray loss = error.mul(error).mean(new int[] {1});
    return new TrainingLoss(weighted(loss, t), loss, t);
  }

  @Override
  public double[] levelEdges() {
    return IntStream.rangeClosed(0, LEVEL_BINS)
        .mapToDouble(i -> (double) i * schedule.timesteps() / LEVEL_BINS)
        .toArray();
  }

  @Override
  public NoiseLevel at(double level) {
    return options.prediction().level(schedule.mix(timestep(level)));
  }

  @Override
  public double conditionAt(double level) {
    return timestep(level);
  }

  private int timestep(double level) {
    return (int) Math.max(0, Math.min(schedule.timesteps() - 1, Math.rint(level)));
  }

  @Override
  public List<SamplerFactory<?>> samplers() {
    return DdpmSamplers.of(schedule, options);
  }

  private NDArray weighted(NDArray loss, NDArray t) {
    return options.weighting() == LossWeighting.NONE ? loss : loss.mul(entries(weights, t));
  }

  private float[] table(IntToDoubleFunction value) {
    float[] table = new float[schedule.timesteps()];
    for (int t = 0; t < table.length; t++) {
      table[t] = (float) value.applyAsDouble(t);
    }
    return table;
  }

  /** The entries of a table at t, [N]. */
  private static NDArray entries(float[] table, NDArray t) {
    return t.getManager().create(table).gather(t.toType(DataType.INT64, false), 0);
  }
}
