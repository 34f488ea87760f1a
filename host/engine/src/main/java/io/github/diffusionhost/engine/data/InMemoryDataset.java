package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;

/** A dataset whose images were read into the JVM's memory, for those who read them at random. */
public final class InMemoryDataset extends DatasetView {
  private final Labels labels;
  private final byte[][] images;

  private InMemoryDataset(ImageDataset source, Labels labels, byte[][] images) {
    super(source);
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
  public void read(int index, byte[] target, int offset) {
    System.arraycopy(images[index], 0, target, offset, images[index].length);
  }

  @Override
  public int label(int index) {
    return labels.of(index);
  }
}
