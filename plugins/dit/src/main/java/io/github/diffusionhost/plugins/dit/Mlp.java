package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** Linear, GELU, linear: [N,T,D] to [N,T,D]. */
final class Mlp extends DitBlock {
  private final Linear hidden;
  private final Linear out;

  Mlp(int width, int factor) {
    hidden = linear("net.0", width, factor * width);
    out = linear("net.3", factor * width, width);
  }

  NDArray apply(Forward pass, NDArray x) {
    return pass.apply(out, Ops.gelu(pass.apply(hidden, x)));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.singletonOrThrow()));
  }
}
