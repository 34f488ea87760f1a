package io.github.diffusionhost.engine.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.GradientScope;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One optimizer step, operation by operation: forward and backward for each micro-batch, clipping,
 * update.
 */
public final class EagerStep implements AutoCloseable {
  /** As in {@code torch.nn.utils.clip_grad_norm_}. */
  private static final double CLIP_EPSILON = 1e-6;

  private final Network network;
  private final Optimizer optimizer;
  private final double clipNorm;

  /**
   * A step.
   *
   * @param optimizer changes the network's trainable weights; belongs to the step from now on
   * @param clipNorm the largest gradient norm; 0: no clipping
   */
  public EagerStep(Network network, Optimizer optimizer, double clipNorm) {
    this.network = network;
    this.optimizer = optimizer;
    this.clipNorm = clipNorm;
  }

  /**
   * Runs the step.
   *
   * @param batches micro-batches of one size by number; called within the step's scope
   * @param count how many of them make the batch
   * @param lr the learning rate
   * @param update the number of the update, from 1
   * @throws DivergedException if the loss or a gradient is not finite; the weights are unchanged
   */
  public StepReport run(IntFunction<TrainBatch> batches, int count, double lr, long update) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      network.denoiser().beforeStep();
      double loss = 0;
      for (int i = 0; i < count; i++) {
        loss += accumulate(batches.apply(i), count);
      }
      if (!Double.isFinite(loss)) {
        clearGradients();
        throw new DivergedException("the loss");
      }
      Map<String, NDArray> gradients = gradients();
      double norm = norm(gradients);
      double scale = clipNorm > 0 ? Math.min(1, clipNorm / (norm + CLIP_EPSILON)) : 1;
      Map<String, NDArray> weights = network.trainable();
      gradients.forEach(
          (name, gradient) ->
              optimizer.update(name, weights.get(name), gradient, scale, lr, update));
      return new StepReport(loss, norm);
    }
  }

  /**
   * How many images a second go forward and backward; no weight and no gradient is left changed.
   *
   * @param batch a micro-batch; it is run twice, and the second time counts
   */
  public double imagesPerSecond(TrainBatch batch) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      accumulate(batch, 1);
      long start = System.nanoTime();
      accumulate(batch, 1);
      clearGradients();
      return batch.images().getShape().get(0) / (1e-9 * (System.nanoTime() - start));
    }
  }

  /** The optimizer's state by name. */
  public Map<String, NDArray> optimizerState() {
    return optimizer.state();
  }

  @Override
  public void close() {
    optimizer.close();
  }

  /** Adds the gradients of one micro-batch and returns its share of the loss. */
  private double accumulate(TrainBatch batch, int count) {
    try (GradientScope scope = new GradientScope();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      scope.suppressNotUsedWarning();
      Forward pass = Forward.of(network.weights().store(), true, batch.noise());
      DenoisingNetwork bound =
          (x, condition) ->
              network
                  .denoiser()
                  .forward(
                      pass.parameters(),
                      batch.labels() == null
                          ? new NDList(x, condition)
                          : new NDList(x, condition, batch.labels()),
                      true,
                      pass.params())
                  .singletonOrThrow();
      TrainingLoss loss = network.scheduler().loss(bound, batch.images(), pass);
      NDArray mean = loss.perImage().mean().div(count);
      collector.backward(mean);
      return mean.getFloat();
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

  private double norm(Map<String, NDArray> gradients) {
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
      throw new DivergedException(first);
    }
    return norm;
  }

  private void clearGradients() {
    network.trainable().values().forEach(weight -> JniUtils.zeroGrad((PtNDArray) weight));
  }
}
