package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.plugins.fidelity.kept.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Some images of a dataset, as arrays. */
public final class ImageBatches {
  private final ImageDataset dataset;
  private final int[] indices;

  /** The images of the given indices, in that order. */
  public ImageBatches(ImageDataset dataset, int[] indices) {
    this.dataset = dataset;
    this.indices = Arrays.copyOf(indices, indices.length);
  }

  /** The images at some places of {@code places}, which are places here. */
  public ImageBatches subset(int[] places, int from, int to) {
    int[] some = Arrays.stream(places, from, to).map(place -> indices[place]).toArray();
    return new ImageBatches(dataset, some);
  }

  /** How many images there are. */
  public int size() {
    return indices.length;
  }

  /**
   * Images [N,C,H,W] uint8, in the caller's scope.
   *
   * @param from the place of the first
   * @param to after the place of the last
   */
  public NDArray bytes(int from, int to, NDManager manager) throws IOException {
    int elements = dataset.shape().elements();
    byte[] bytes = new byte[Math.multiplyExact(to - from, elements)];
    for (int i = from; i < to; i++) {
      dataset.read(indices[i], bytes, (i - from) * elements);
    }
    return manager.create(
        ByteBuffer.wrap(bytes), dataset.shape().batch((long) to - from), DataType.UINT8);
  }

  /** Their labels. */
  public int[] labels(int from, int to) {
    return Arrays.stream(indices, from, to).map(dataset::label).toArray();
  }

  /** The SHA-256 of the images' size and of all their bytes. */
  public String sha256() throws IOException {
    return digest(false);
  }

  /** The same of the labels as well. */
  public String sha256WithLabels() throws IOException {
    return digest(true);
  }

  private String digest(boolean labels) throws IOException {
    Sha256 sha256 = new Sha256();
    byte[] image = new byte[dataset.shape().elements()];
    sha256.add(dataset.shape().channels()).add(dataset.shape().height());
    sha256.add(dataset.shape().width()).add(indices.length);
    for (int index : indices) {
      dataset.read(index, image, 0);
      sha256.add(image);
      if (labels) {
        sha256.add(dataset.label(index));
      }
    }
    return sha256.hex();
  }
}
