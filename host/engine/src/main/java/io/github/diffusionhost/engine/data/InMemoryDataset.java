package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;

/** A dataset whose images were read into the JVM's memory, for those who read them at random. */
public final class InMemoryDataset implements ImageDataset {
  private final ImageDataset source;
  private final Labels labels;
  private final byte[][] images;

  private InMemoryDataset(ImageDataset source, Labels labels, byte[][] images) {
    this.source = source;
    this.labels = labels;
    this.images = images;
  }

  /**
   * A dataset that can be read at random: the given one, looked at as it is read, if it is {@link
   * #mapped}, else its images in memory. It closes the given one.
   *
   * @throws IOException if an image cannot be read
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  public static ImageDataset unlessMapped(ImageDataset source) throws IOException {
    if (source.mapped()) {
      return new CheckedDataset(source);
    }
    Labels labels = Labels.read(source);
    byte[][] images = new byte[source.size()][source.shape().elements()];
    ImageReader reader = new ImageReader(source);
    for (int i = 0; i < images.length; i++) {
      reader.read(i, images[i], 0);
    }
    return new InMemoryDataset(source, labels, images);
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public int size() {
    return images.length;
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public void read(int index, byte[] target, int offset) {
    System.arraycopy(images[index], 0, target, offset, images[index].length);
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
    return true;
  }

  @Override
  public NDArray augment(NDArray images, Noise noise) {
    return source.augment(images, noise);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
