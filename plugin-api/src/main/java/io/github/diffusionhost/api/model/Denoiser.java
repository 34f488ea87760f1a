package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network: a DJL block from a noisy image, a noise condition and labels to a prediction.
 *
 * <p>What the condition and the prediction mean is the scheduler's affair: the condition is of the
 * unit that {@link ModelContext#condition()} names, the prediction its noise, velocity or image. A
 * network works with any.
 *
 * <p>Runs on the thread of the training or sampling loop. Its arrays belong to the host. It does
 * the same whenever it runs: what is compiled of it stands for the code of that moment.
 */
public abstract class Denoiser extends CompositeBlock {
  /**
   * Predicts.
   *
   * @param pass the forward pass
   * @param x noisy images [N,C,H,W] float32
   * @param noiseCondition [N] float32
   * @param labels [N] int64 in [0, {@link ModelContext#labelValues()}); null if the dataset has
   *     none
   * @return [N,C,H,W] float32
   */
  public abstract NDArray predict(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels);

  /** The names of the intermediate features that this network can return. */
  public List<String> featureNames() {
    return List.of();
  }

  /**
   * Runs the network as far as needed and returns features [N,F] by name.
   *
   * @param names some of {@link #featureNames()}
   */
  public Map<String, NDArray> features(
      Forward pass,
      NDArray x,
      NDArray noiseCondition,
      @Nullable NDArray labels,
      List<String> names) {
    throw new IllegalArgumentException(
        getClass().getSimpleName() + " has no features named " + names);
  }

  /**
   * Values that weights take before every training step (EDM2's forced weight normalisation), as
   * array code; no gradient goes through it.
   *
   * @param pass where the present values come from
   * @return the new value of each weight that takes one, of its shape
   */
  public Map<Parameter, NDArray> renormalized(Forward pass) {
    return Map.of();
  }

  /**
   * Tensors that checkpoints of the reference implementation hold beside the parameters and that
   * carry no learned value; an import passes over them.
   */
  public Set<String> referenceConstants() {
    return Set.of();
  }

  @Override
  protected final NDList forward(Forward pass, NDList inputs) {
    NDArray labels = inputs.size() > 2 ? inputs.get(2) : null;
    return new NDList(predict(pass, inputs.get(0), inputs.get(1), labels));
  }
}
