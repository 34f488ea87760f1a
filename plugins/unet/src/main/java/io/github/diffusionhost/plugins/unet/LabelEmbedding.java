package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NormalInitializer;
import io.github.diffusionhost.api.noise.Noise;

/** One learned row for each label, N(0, 1) at first: [N] int64 to [N, width]. */
final class LabelEmbedding extends CompositeBlock {
  private final Parameter weight;

  LabelEmbedding(int labels, int width, Noise noise) {
    NormalInitializer initializer = new NormalInitializer(noise, 1);
    weight = parameter("weight", Parameter.Type.WEIGHT, initializer, new Shape(labels, width));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray labels = inputs.singletonOrThrow();
    return labels
        .getNDArrayInternal()
        .embedding(labels, pass.value(weight, labels), SparseFormat.DENSE);
  }
}
