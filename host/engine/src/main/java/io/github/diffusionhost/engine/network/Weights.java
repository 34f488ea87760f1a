package io.github.diffusionhost.engine.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values of a network's parameters, by name and by parameter: the trained weights or a running
 * average of them. A forward pass reads them through {@link #store()}.
 */
public final class Weights implements AutoCloseable {
  private final Map<String, Parameter> parameters;
  private final Map<String, NDArray> values;
  private final ParameterStore store;

  private Weights(Map<String, Parameter> parameters, Map<String, NDArray> values) {
    this.parameters = parameters;
    this.values = values;
    IdentityHashMap<Parameter, NDArray> byParameter = new IdentityHashMap<>();
    parameters.forEach((name, parameter) -> byParameter.put(parameter, values.get(name)));
    this.store = new Store(values.values().iterator().next().getManager(), byParameter);
  }

  /** The parameters' own arrays. */
  static Weights of(Map<String, Parameter> parameters) {
    Map<String, NDArray> values = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> values.put(name, parameter.getArray()));
    return new Weights(parameters, values);
  }

  /** New arrays of the same values, without gradients. */
  public Weights copy() {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          try (NDArray plain = value.stopGradient()) {
            copies.put(name, plain.duplicate());
          }
        });
    return new Weights(parameters, copies);
  }

  /** The values by name, in the order of the network. */
  public Map<String, NDArray> values() {
    return Collections.unmodifiableMap(values);
  }

  /** Where a forward pass finds the values. */
  public ParameterStore store() {
    return store;
  }

  /** The same with another array in place of each value, such as one that records. */
  public ParameterStore store(UnaryOperator<NDArray> replacement) {
    IdentityHashMap<Parameter, NDArray> replaced = new IdentityHashMap<>();
    parameters.forEach(
        (name, parameter) -> replaced.put(parameter, replacement.apply(values.get(name))));
    return new Store(values.values().iterator().next().getManager(), replaced);
  }

  /**
   * Overwrites the values in place.
   *
   * @param source an array of the same shape for every name
   * @throws IOException if a name or shape differs
   */
  public void load(Map<String, NDArray> source) throws IOException {
    List<Runnable> copies = new ArrayList<>();
    for (Map.Entry<String, NDArray> entry : values.entrySet()) {
      NDArray from = source.get(entry.getKey());
      if (from == null) {
        throw new IOException("there is no tensor " + entry.getKey());
      } else if (!from.getShape().equals(entry.getValue().getShape())) {
        throw new IOException(
            "tensor %s has shape %s, and the network wants %s"
                .formatted(entry.getKey(), from.getShape(), entry.getValue().getShape()));
      }
      copies.add(() -> InPlace.copy(from, entry.getValue()));
    }
    copies.forEach(Runnable::run);
  }

  /** The names of those that hold a value that is no number, or infinite. */
  public List<String> broken() {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      return values.entrySet().stream()
          .filter(entry -> !Float.isFinite(entry.getValue().abs().max().getFloat()))
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  @Override
  public void close() {
    values.values().forEach(NDArray::close);
  }

  private static final class Store extends ParameterStore {
    private final IdentityHashMap<Parameter, NDArray> values;

    Store(NDManager manager, IdentityHashMap<Parameter, NDArray> values) {
      super(manager, false);
      this.values = values;
    }

    /** Null for a parameter of another network. */
    @Override
    public @Nullable NDArray getValue(Parameter parameter, Device device, boolean training) {
      return values.get(parameter);
    }
  }
}
