package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.diffusionhost.api.noise.Noise;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One forward pass: what DJL hands from block to block, with shorter ways to use it.
 *
 * @param parameters where parameter values come from
 * @param training whether dropout and the like are on
 * @param params what travels with the pass; holds its {@link Noise}
 */
public record Forward(
    ParameterStore parameters, boolean training, PairList<String, Object> params) {
  private static final String NOISE = "noise";
  private static final String UPDATES = "updates";

  /** A pass whose random draws come from {@code noise}. */
  public static Forward of(ParameterStore parameters, boolean training, Noise noise) {
    PairList<String, Object> params = new PairList<>();
    params.add(NOISE, noise);
    params.add(UPDATES, new Updates(new LinkedHashMap<>()));
    return new Forward(parameters, training, params);
  }

  /** Runs a block on arrays and returns its only output. */
  public NDArray apply(Block block, NDArray... inputs) {
    return block.forward(parameters, new NDList(inputs), training, params).singletonOrThrow();
  }

  /** The value of a parameter on the device of {@code like}. */
  public NDArray value(Parameter parameter, NDArray like) {
    return parameters.getValue(parameter, like.getDevice(), training);
  }

  /** The draws of this pass, for dropout. */
  public Noise noise() {
    if (params != null && params.get(NOISE) instanceof Noise noise) {
      return noise;
    }
    throw new IllegalStateException("this forward pass carries no noise: start it with Forward.of");
  }

  /**
   * Gives a parameter that is not trained a new value, which it takes after the pass: the running
   * statistics of a batch norm. No gradient goes through it. If a step goes through in parts, each
   * sees the value from before the step, which then becomes the mean of the values given.
   *
   * @param parameter of type {@code RUNNING_MEAN} or {@code RUNNING_VAR}
   * @param value of the parameter's shape; the last one given counts
   */
  public void update(Parameter parameter, NDArray value) {
    updates().put(parameter, value);
  }

  /** The new values that this pass has given to parameters so far. */
  public Map<Parameter, NDArray> updates() {
    if (params != null && params.get(UPDATES) instanceof Updates updates) {
      return updates.values;
    }
    throw new IllegalStateException("this forward pass takes no updates: start it with Forward.of");
  }

  private record Updates(Map<Parameter, NDArray> values) {}
}
