package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.metric.ScriptFunction;

/**
 * NVIDIA's TorchScript file. Its method is {@code forward(img, return_features, use_fp16,
 * no_output_bias)}; it resizes and scales by itself.
 */
record InceptionScript(ScriptFunction network) implements InceptionNetwork {
  @Override
  public NDArray features(NDArray pixels) {
    return network.call(pixels, true);
  }

  @Override
  public NDArray probabilities(NDArray pixels) {
    return network.call(pixels, false, false, true);
  }

  @Override
  public void close() {
    network.close();
  }
}
