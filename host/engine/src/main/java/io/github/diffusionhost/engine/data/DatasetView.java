package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;

/**
 * Another way to a dataset's images and labels, which may be read at random; everything else is the
 * dataset's own. It closes the dataset.
 */
abstract class DatasetView implements ImageDataset {
  private final ImageDataset source;

  DatasetView(ImageDataset source) {
    this.source = source;
  }

  @Override
  public final ImageShape shape() {
    return source.shape();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public final List<String> classNames() {
    return source.classNames();
  }

  @Override
  public final PixelNormalization normalization() {
    return source.normalization();
  }

  @Override
  public final boolean mapped() {
    return true;
  }

  @Override
  public final NDArray augment(NDArray batch, Noise noise) {
    return source.augment(batch, noise);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
