package io.github.diffusionhost.engine.schedule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.EmaOptions;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.util.Map;
import java.util.Objects;

/** A running average of the weights. */
public final class Ema implements AutoCloseable {
  private final EmaOptions options;
  private final Weights average;

  /** Starts at the present weights. */
  public Ema(EmaOptions options, Weights weights) {
    this.options = options;
    this.average = weights.copy();
  }

  /**
   * Takes the weights after an optimizer step in.
   *
   * @param s the number of the update, from 0
   */
  public void update(Weights weights, long s) {
    double decay = decay(s);
    Map<String, NDArray> current = weights.values();
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      average
          .values()
          .forEach(
              (name, value) ->
                  value
                      .muli(decay)
                      .addi(Objects.requireNonNull(current.get(name), name).mul(1 - decay)));
    }
  }

  /** The decay of update {@code s}, counted from 0. */
  public double decay(long s) {
    return EmaDecay.at(options, s);
  }

  /** The average. */
  public Weights weights() {
    return average;
  }

  @Override
  public void close() {
    average.close();
  }
}
