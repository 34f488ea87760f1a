package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;

/** The layers that one stream brings to a {@link JointAttention}. */
record AttentionStream(
    Linear query, Linear key, Linear value, RmsScale queryNorm, RmsScale keyNorm, Linear out) {

  /** Queries, keys and values of each token, in one product: [N,T,D] to [N,T,q+k+v]. */
  NDArray project(Forward pass, NDArray x) {
    return Linear.linear(x, joined(pass, x, "weight"), joined(pass, x, "bias")).singletonOrThrow();
  }

  private NDArray joined(Forward pass, NDArray x, String parameter) {
    NDList parts = new NDList();
    for (Linear layer : new Linear[] {query, key, value}) {
      parts.add(pass.value(layer.getDirectParameters().get(parameter), x));
    }
    return NDArrays.concat(parts, 0);
  }
}
