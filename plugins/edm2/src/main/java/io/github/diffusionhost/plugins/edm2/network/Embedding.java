package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.plugins.edm2.FourierFeatures;
import org.jspecify.annotations.Nullable;

/**
 * The noise level, and the label if there is one, as a vector: Fourier features and one linear
 * layer (G) or two (C, E), activated. The label is a linear layer of its own on a one-hot vector,
 * which "no label" leaves at zero, as in NVlabs/edm2.
 */
final class Embedding extends CompositeBlock {
  private final NetworkConfig config;
  private final int classes;
  private final FourierFeatures fourier;
  private final LinearMap linear1;
  private final @Nullable LinearMap linear2;
  private final @Nullable LinearMap label;

  /**
   * An embedding.
   *
   * @param width values of the embedding, a multiple of 4
   * @param classes labels; 0 for none
   */
  Embedding(int width, int classes, Layers layers) {
    this.config = layers.config();
    this.classes = classes;
    int features = width / 4;
    double scale = config.magnitudePreserving() ? Math.sqrt(2) : 1;
    fourier = child("fourier", new FourierFeatures(features, scale, layers.noise()), new Shape(1));
    linear1 = child("linear1", layers.linear(features, width), new Shape(1, features));
    linear2 =
        config.magnitudePreserving()
            ? null
            : child("linear2", layers.linear(width, width), new Shape(1, width));
    label =
        classes == 0 ? null : child("label", layers.linear(classes, width), new Shape(1, classes));
  }

  /**
   * Embeds.
   *
   * @param logSigma ln(σ)/4, [N]
   * @param labels [N] int64 in [0, classes], the last of which means none; null for none
   * @return [N, width]
   */
  NDArray apply(Forward pass, NDArray logSigma, @Nullable NDArray labels) {
    NDArray embedding = pass.apply(linear1, pass.apply(fourier, logSigma));
    if (linear2 != null) {
      embedding = pass.apply(linear2, config.silu(embedding));
    }
    if (label != null && labels != null) {
      embedding = config.addLabel(embedding, pass.apply(label, oneHot(labels)));
    }
    return config.silu(embedding);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.get(0), inputs.size() > 1 ? inputs.get(1) : null));
  }

  /** Columns of mean square 1; a row of zeros for no label. */
  private NDArray oneHot(NDArray labels) {
    NDArray columns = labels.oneHot(classes + 1, DataType.FLOAT32);
    return columns.get(":, :" + classes).mul(Math.sqrt(classes));
  }
}
