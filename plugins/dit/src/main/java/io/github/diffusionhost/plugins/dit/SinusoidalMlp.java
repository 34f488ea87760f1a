package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** Sinusoids, linear, SiLU, linear; for times and class indices. */
final class SinusoidalMlp extends DitBlock implements Embedding {
  private final int size;
  private final boolean published;
  private final Linear hidden;
  private final Linear out;

  SinusoidalMlp(int size, int width, DitOptions.TimeEmbedding convention) {
    this.size = size;
    this.published = convention == DitOptions.TimeEmbedding.PUBLISHED;
    this.hidden = linear("1", size, size);
    this.out = linear("3", size, width);
  }

  @Override
  public NDArray embed(Forward pass, NDArray numbers) {
    double shift = published ? 1 : 0;
    NDArray sinusoids = Ops.sinusoidalEmbedding(numbers, size, published, shift, 10_000);
    return pass.apply(out, Ops.silu(pass.apply(hidden, sinusoids)));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(embed(pass, inputs.singletonOrThrow()));
  }
}
