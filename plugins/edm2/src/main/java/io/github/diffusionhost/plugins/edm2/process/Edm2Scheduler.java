package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NoiseCondition;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.SamplerFactory;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * EDM2 training: {@code λ(σ)·‖D − x0‖²/e^u(σ) + u(σ)} with {@code ln σ} normal; the noise level of
 * a loss is σ. Karras et al. 2022, arXiv 2206.00364, section 5; Karras et al. 2023, arXiv
 * 2312.02696, equation 21.
 *
 * <p>{@code λ(σ)·‖D − x0‖²} is computed as the error of the network's own output F, which is the
 * same and loses nothing to rounding.
 *
 * <p>Draws, in this order: normals for the levels [N], the noise [N,C,H,W].
 */
final class Edm2Scheduler implements Scheduler {
  private final Edm2SchedulerOptions options;
  private final Preconditioning preconditioning;
  private final KarrasSchedule schedule;
  private final @Nullable UncertaintyHead uncertainty;

  /**
   * The process.
   *
   * @param initial draws of the initial weights of u(σ)
   */
  Edm2Scheduler(Edm2SchedulerOptions options, Noise initial) {
    this.options = options;
    this.preconditioning = new Preconditioning(options.sigmaData());
    this.schedule = new KarrasSchedule(options.sigmaMin(), options.sigmaMax(), options.rho());
    this.uncertainty =
        options.uncertainty() == Uncertainty.NONE
            ? null
            : new UncertaintyHead(options.uncertainty(), initial);
  }

  @Override
  public TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass) {
    long n = images.getShape().get(0);
    NDArray logSigma = pass.noise().normal(new Shape(n)).mul(options.pStd()).add(options.pMean());
    NDArray sigma = logSigma.exp();
    NDArray condition = logSigma.div(4);
    NDArray noise = pass.noise().normal(images.getShape());
    TrainingMix mix = TrainingMix.of(images, noise, sigma, options.sigmaData());
    NDArray error = network.predict(mix.seen(), condition).sub(mix.target()).reshape(n, -1);
    NDArray loss = error.square().mean(new int[] {1});
    return new TrainingLoss(weighted(loss, condition, pass), loss, sigma);
  }

  @Override
  public double[] levelEdges() {
    return LevelEdges.between(options.sigmaMin(), options.sigmaMax());
  }

  @Override
  public NoiseLevel at(double sigma) {
    return preconditioning.at(sigma);
  }

  @Override
  public NoiseCondition condition() {
    return NoiseCondition.LOG_SIGMA;
  }

  @Override
  public double conditionAt(double sigma) {
    return preconditioning.condition(sigma);
  }

  @Override
  public double[] samplingLevels(int steps) {
    return Arrays.copyOf(schedule.sigmas(steps), steps);
  }

  @Override
  public @Nullable Block trainable() {
    return uncertainty;
  }

  @Override
  public Map<Parameter, NDArray> renormalized(Forward pass) {
    return uncertainty == null ? Map.of() : uncertainty.renormalized(pass);
  }

  @Override
  public Map<String, NDArray> curves(Forward pass, NDArray sigmas) {
    return uncertainty == null
        ? Map.of()
        : Map.of("u", pass.apply(uncertainty, sigmas.log().div(4)));
  }

  @Override
  public List<SamplerFactory<?>> samplers() {
    return Edm2Samplers.of(preconditioning, schedule);
  }

  private NDArray weighted(NDArray loss, NDArray condition, Forward pass) {
    if (uncertainty == null) {
      return loss;
    }
    NDArray u = pass.apply(uncertainty, condition);
    return loss.div(u.exp()).add(u);
  }
}
