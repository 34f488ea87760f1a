package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;

/**
 * A dataset for others than the host who read it where it is: what each read writes is compared
 * with the dataset's contract, and labels are read once.
 */
final class CheckedDataset implements ImageDataset {
  private final ImageDataset source;
  private final Labels labels;
  private final ImageReader reader;

  /**
   * Reads the labels. It closes the given dataset.
   *
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  CheckedDataset(ImageDataset source) {
    this.source = source;
    this.labels = Labels.read(source);
    this.reader = new ImageReader(source);
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    reader.read(index, target, offset);
  }

  @Override
  public int label(int index) {
    return labels.of(index);
  }

  @Override
  public PixelNormalization normalization() {
    return source.normalization();
  }

  @Override
  public boolean mapped() {
    return source.mapped();
  }

  @Override
  public NDArray augment(NDArray batch, Noise noise) {
    return source.augment(batch, noise);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
