package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compiled predictor as long as the network's code does what was compiled of it, which is looked
 * at when weights are used for the 2nd, 4th, 8th, … time; then one operation by operation.
 */
final class WatchedPredictor implements Predictor {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedPredictor.class);

  private final CompiledPredictor compiled;
  private final Predictor eager;
  private Predictor present;
  private long uses;
  private long good;

  WatchedPredictor(CompiledPredictor compiled, Predictor eager) {
    this.compiled = compiled;
    this.eager = eager;
    this.present = compiled;
  }

  @Override
  public void use(Weights weights, Noise noise) {
    uses++;
    if (present == compiled && uses > 1 && Long.bitCount(uses) == 1) {
      watch();
    }
    present.use(weights, noise);
  }

  @Override
  public NDList compute(NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    return present.compute(x, noiseCondition, labels);
  }

  @Override
  public long bytesPerImage() {
    return present.bytesPerImage();
  }

  @Override
  public Precision precision() {
    return present.precision();
  }

  @Override
  public void close() {
    compiled.close();
    eager.close();
  }

  private void watch() {
    String difference = compiled.difference();
    if (difference == null) {
      good = uses;
      return;
    }
    LOG.warn(
        "the network's code no longer does what was compiled of it, so that of the {} batches so far those after the first {} are in doubt; from here on it runs operation by operation: {}",
        uses - 1,
        Math.max(0, good - 1),
        difference);
    present = eager;
  }
}
