package io.github.diffusionhost.engine.step;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.GradientScope;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import io.github.diffusionhost.engine.batch.TrainBatch;
import io.github.diffusionhost.engine.contract.Returned;
import io.github.diffusionhost.engine.levels.LevelSum;
import io.github.diffusionhost.engine.network.InPlace;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.optimize.Optimizer;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The step operation by operation: what a compiled step is compared with. */
public final class EagerStep implements TrainingStep {
  /** As in {@code torch.nn.utils.clip_grad_norm_}. */
  static final double CLIP_EPSILON = 1e-6;

  private final TrainingSetup setup;
  private final Network network;
  private StepSums sums = StepSums.NONE;
  private volatile boolean intact = true;

  /** A step. */
  public EagerStep(TrainingSetup setup) {
    this.setup = setup;
    this.network = setup.network();
  }

  @Override
  public void run(long number, double lr) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      network.renormalize();
      Integer asked = setup.microBatch();
      int micro = asked == null ? setup.batchSize() : asked;
      int count = setup.batchSize() / micro;
      double loss = 0;
      double[] levels = LevelSum.numbers(sums.levels(), setup.levels().count());
      List<Map<Parameter, NDArray>> updates = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        TrainBatch batch = setup.batches().batch(number, setup.batchSize(), i * micro, micro);
        loss += accumulate(batch, count, levels, updates);
      }
      if (!Double.isFinite(loss)) {
        clearGradients();
        throw new DivergedException(number, "the loss");
      }
      Map<String, NDArray> gradients = gradients();
      double norm = norm(number, gradients);
      double scale =
          setup.clipNorm() > 0 ? Math.min(1, setup.clipNorm() / (norm + CLIP_EPSILON)) : 1;
      Map<String, NDArray> weights = network.trainable();
      intact = false;
      take(updates);
      Optimizer.Update update = new Optimizer.Update(scale, lr, number + 1);
      gradients.forEach(
          (name, gradient) ->
              setup
                  .optimizer()
                  .update(name, Objects.requireNonNull(weights.get(name), name), gradient, update));
      setup.averages().forEach(average -> average.update(network.weights(), number));
      sums =
          new StepSums(
              sums.steps() + 1,
              sums.loss() + loss,
              sums.gradientNorm() + norm,
              LevelSum.of(levels));
      intact = true;
    }
  }

  @Override
  public StepSums sums() {
    return sums;
  }

  @Override
  public boolean intact() {
    return intact;
  }

  @Override
  public void restart(StepSums from) {
    sums = from;
  }

  @Override
  public double imagesPerSecond(int images) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      TrainBatch batch = setup.batches().batch(0, setup.batchSize(), 0, images);
      double[] unused = LevelSum.numbers(List.of(), setup.levels().count());
      accumulate(batch, 1, unused, new ArrayList<>());
      long start = System.nanoTime();
      accumulate(batch, 1, unused, new ArrayList<>());
      clearGradients();
      return images / (1e-9 * (System.nanoTime() - start));
    }
  }

  @Override
  public void close() {}

  /**
   * Adds the gradients of one micro-batch, and its losses by level, and returns its loss's share.
   *
   * @param updates where the values go that the pass gives to weights
   */
  private double accumulate(
      TrainBatch batch, int count, double[] levels, List<Map<Parameter, NDArray>> updates) {
    Forward pass = Forward.of(network.weights().store(), true, batch.noise());
    try (GradientScope scope = new GradientScope();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      scope.suppressNotUsedWarning();
      TrainingLoss loss = network.checkedLoss(pass, batch);
      NDArray mean = loss.perImage().mean().div(count);
      backward(collector, mean);
      setup.levels().add(loss, levels);
      updates.add(kept(pass.updates()));
      return mean.getFloat();
    }
  }

  private void backward(GradientCollector collector, NDArray mean) {
    try {
      collector.backward(mean);
    } catch (EngineException e) {
      // PyTorch knows; DJL's hasGradient() tells of parameters alone.
      if (String.valueOf(e.getMessage()).contains("does not require grad")) {
        throw new Returned(network.scheduler(), "loss").withoutGradient();
      }
      throw e;
    }
  }

  /** The same values, which outlive the scope of the pass. */
  private static Map<Parameter, NDArray> kept(Map<Parameter, NDArray> updates) {
    Map<Parameter, NDArray> kept = new LinkedHashMap<>();
    updates.forEach(
        (parameter, value) -> {
          NDArray copy = value.stopGradient().duplicate();
          NDScope.unregister(copy);
          kept.put(parameter, copy);
        });
    return kept;
  }

  /**
   * Gives weights the mean of the new values that the parts' passes give them, which all see the
   * weights as they were: once a step, however many parts there are.
   */
  private static void take(List<Map<Parameter, NDArray>> updates) {
    for (Parameter parameter : updates.get(0).keySet()) {
      NDList parts = new NDList();
      updates.forEach(part -> parts.add(part.get(parameter)));
      NDArray mean = parts.get(0);
      parts.subList(1, parts.size()).forEach(mean::addi);
      InPlace.copy(parts.size() == 1 ? mean : mean.divi(parts.size()), parameter.getArray());
      parts.close();
    }
  }

  /** Gradients by name; a parameter that the loss does not depend on has none. */
  private Map<String, NDArray> gradients() {
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    network
        .trainable()
        .forEach(
            (name, weight) -> {
              NDArray gradient = JniUtils.getGradient((PtNDArray) weight);
              if (gradient != null) {
                gradients.put(name, gradient);
              }
            });
    return gradients;
  }

  private double norm(long number, Map<String, NDArray> gradients) {
    NDList norms = new NDList();
    gradients.values().forEach(gradient -> norms.add(gradient.norm()));
    double norm = NDArrays.stack(norms).norm().getFloat();
    if (!Double.isFinite(norm)) {
      String first =
          gradients.entrySet().stream()
              .filter(entry -> !Float.isFinite(entry.getValue().norm().getFloat()))
              .findFirst()
              .map(entry -> "the gradient of " + entry.getKey())
              .orElse("the norm of all gradients");
      clearGradients();
      throw new DivergedException(number, first);
    }
    return norm;
  }

  private void clearGradients() {
    network.trainable().values().forEach(weight -> JniUtils.zeroGrad((PtNDArray) weight));
  }
}
