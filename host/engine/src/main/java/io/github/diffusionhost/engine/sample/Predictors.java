package io.github.diffusionhost.engine.sample;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.options.Execution;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes predictors: compiled where that is possible. */
final class Predictors {
  private static final Logger LOG = LoggerFactory.getLogger(Predictors.class);

  private Predictors() {}

  /**
   * A predictor of a network.
   *
   * @param inference what is computed by the network
   * @param labels whether the network is given labels
   * @param execution how it runs; what cannot be recorded is named in a warning
   */
  static Predictor of(
      Network network, Inference inference, ImageShape shape, boolean labels, Execution execution) {
    if (execution.compile()) {
      try {
        return new WatchedPredictor(
            new CompiledPredictor(network, inference, shape, labels, execution.precision()),
            new EagerPredictor(inference));
      } catch (NotTraceableException e) {
        LOG.warn(
            "the network runs operation by operation, more slowly than compiled: {}",
            e.getMessage());
      }
    }
    return new EagerPredictor(inference);
  }
}
