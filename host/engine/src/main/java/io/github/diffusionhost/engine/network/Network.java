package io.github.diffusionhost.engine.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ParameterNames;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import io.github.diffusionhost.engine.batch.TrainBatch;
import io.github.diffusionhost.engine.contract.CheckedLoss;
import io.github.diffusionhost.engine.contract.Returned;
import io.github.diffusionhost.engine.contract.WrongResultException;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.trace.NoDraws;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A denoiser and the trainable parts of its scheduler, initialized on a device.
 *
 * <p>Parameters of the scheduler carry the prefix {@code scheduler.}.
 */
public final class Network implements AutoCloseable {
  private static final String SCHEDULER_PREFIX = "scheduler.";

  private final NDManager manager;
  private final Denoiser denoiser;
  private final Scheduler scheduler;
  private final Map<String, Parameter> parameters;
  private final Weights weights;

  private Network(
      NDManager manager,
      Denoiser denoiser,
      Scheduler scheduler,
      Map<String, Parameter> parameters) {
    this.manager = manager;
    this.denoiser = denoiser;
    this.scheduler = scheduler;
    this.parameters = parameters;
    this.weights = Weights.of(parameters);
  }

  /**
   * Allocates and initializes the parameters.
   *
   * @param parent the scope and device; the network makes a scope of its own in it
   */
  public static Network initialize(
      Denoiser denoiser,
      Scheduler scheduler,
      ImageShape imageShape,
      boolean labels,
      NDManager parent) {
    NDManager manager = parent.newSubManager();
    Shape[] inputs =
        labels
            ? new Shape[] {imageShape.batch(1), new Shape(1), new Shape(1)}
            : new Shape[] {imageShape.batch(1), new Shape(1)};
    initialize(denoiser, manager, inputs);
    Map<String, Parameter> parameters = new LinkedHashMap<>(ParameterNames.of(denoiser));
    Block trainable = trainable(scheduler);
    if (trainable != null) {
      initialize(trainable, manager, new Shape(1));
      ParameterNames.of(trainable)
          .forEach((name, parameter) -> parameters.put(SCHEDULER_PREFIX + name, parameter));
    }
    return new Network(manager, denoiser, scheduler, parameters);
  }

  /** {@link Scheduler#trainable}. */
  private static @Nullable Block trainable(Scheduler scheduler) {
    Returned returned = new Returned(scheduler, "trainable");
    return returned.of(() -> Optional.ofNullable(scheduler.trainable())).orElse(null);
  }

  private static void initialize(Block block, NDManager manager, Shape... inputs) {
    new Returned(block, "initialize")
        .after(() -> block.initialize(manager, DataType.FLOAT32, inputs));
  }

  /** The model. */
  public Denoiser denoiser() {
    return denoiser;
  }

  /** The noise process. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** The scope of the parameters. */
  public NDManager manager() {
    return manager;
  }

  /** The trained weights. */
  public Weights weights() {
    return weights;
  }

  /** The parameters that training changes by gradients, in the order of the network. */
  public Map<String, NDArray> trainable() {
    Map<String, NDArray> trainable = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) -> {
          if (parameter.requiresGradient()) {
            trainable.put(name, parameter.getArray());
          }
        });
    return trainable;
  }

  /**
   * The training loss of a batch.
   *
   * @param pass a training pass with the draws of the batch
   */
  public TrainingLoss loss(Forward pass, TrainBatch batch) {
    DenoisingNetwork bound = (x, condition) -> predict(pass, x, condition, batch.labels());
    Returned returned = new Returned(scheduler, "loss");
    TrainingLoss loss = returned.of(() -> scheduler.loss(bound, batch.images(), pass));
    Shape each = new Shape(batch.images().getShape().get(0));
    returned.require(loss.perImage(), each, "perImage");
    returned.require(loss.squaredError(), each, "squaredError");
    returned.require(loss.level(), each, "level");
    return loss;
  }

  /**
   * The same, and the values are looked at, which a recording has not.
   *
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if they break the contract
   */
  public TrainingLoss checkedLoss(Forward pass, TrainBatch batch) {
    TrainingLoss loss = loss(pass, batch);
    new CheckedLoss(scheduler).check(loss);
    return loss;
  }

  /**
   * The denoiser's prediction; arguments as in {@link Denoiser#predict}.
   *
   * @throws WrongResultException if it is no float32 array of the shape of {@code x}
   */
  public NDArray predict(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    NDList inputs =
        labels == null ? new NDList(x, noiseCondition) : new NDList(x, noiseCondition, labels);
    Returned returned = new Returned(denoiser, "predict");
    NDList outputs =
        returned.of(
            () -> denoiser.forward(pass.parameters(), inputs, pass.training(), pass.params()));
    return returned.require(outputs.get(0), x.getShape(), "");
  }

  /** The values that weights of the denoiser and the scheduler take before a training step. */
  public Map<Parameter, NDArray> renormalized(Forward pass) {
    Map<Parameter, NDArray> values = new LinkedHashMap<>();
    values.putAll(checked(denoiser, () -> denoiser.renormalized(pass)));
    values.putAll(checked(scheduler, () -> scheduler.renormalized(pass)));
    return values;
  }

  private static Map<Parameter, NDArray> checked(
      Object source, Returned.Code<@Nullable Map<Parameter, NDArray>, RuntimeException> values) {
    Returned returned = new Returned(source, "renormalized");
    Map<Parameter, NDArray> all = returned.of(values);
    all.forEach(
        (parameter, value) ->
            returned.require(value, parameter.getArray().getShape(), parameter.getName()));
    return all;
  }

  /** Renormalises the weights in place where that is wanted, before a training step. */
  public void renormalize() {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      renormalized(Forward.of(weights.store(), true, NoDraws.INSTANCE))
          .forEach((parameter, value) -> InPlace.copy(value, parameter.getArray()));
    }
  }

  /** The denoiser's parameters, counted by number. */
  public long parameterCount() {
    return ParameterNames.of(denoiser).values().stream()
        .mapToLong(parameter -> parameter.getArray().size())
        .sum();
  }

  @Override
  public void close() {
    manager.close();
  }
}
