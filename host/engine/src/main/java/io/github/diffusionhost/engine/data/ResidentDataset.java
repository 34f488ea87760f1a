package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Locale;

/** All images of a dataset as bytes on the device, and their labels. */
public final class ResidentDataset implements TrainingImages {
  private final ImageDataset source;
  private final NDArray images;
  private final Labels labels;
  private final String sha256;

  private ResidentDataset(ImageDataset source, NDArray images, Labels labels, String sha256) {
    this.source = source;
    this.images = images;
    this.labels = labels;
    this.sha256 = sha256;
  }

  /**
   * Reads every image of {@code source}, which stays open, and has no more than 2 GiB of them.
   *
   * @param manager the scope and device of the images
   * @throws IOException if an image cannot be read
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  public static ResidentDataset load(ImageDataset source, NDManager manager) throws IOException {
    Labels labels = Labels.read(source);
    int count = source.size();
    long total = (long) count * source.shape().elements();
    if (total > ResidentLimit.ARRAY) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the dataset's %,d images need %,d bytes in memory, where up to 2 GiB fit",
              count,
              total));
    }
    byte[] pixels = new byte[(int) total];
    ImageReader reader = new ImageReader(source);
    for (int i = 0; i < count; i++) {
      reader.read(i, pixels, i * source.shape().elements());
    }
    ImageDigest digest = new ImageDigest();
    digest.add(pixels);
    try (NDArray view =
        manager.create(ByteBuffer.wrap(pixels), source.shape().batch(count), DataType.UINT8)) {
      return new ResidentDataset(source, view.duplicate(), labels, digest.finish(labels));
    }
  }

  @Override
  public ImageDataset dataset() {
    return source;
  }

  @Override
  public int size() {
    return (int) images.getShape().get(0);
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public boolean labelled() {
    return labels.any();
  }

  @Override
  public int label(int index) {
    return labels.of(index);
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public NDManager manager() {
    return images.getManager();
  }

  /** All images, [size,C,H,W] uint8. */
  public NDArray images() {
    return images;
  }

  @Override
  public NDArray choose(int[] indices) {
    long[] chosen = Arrays.stream(indices).asLongStream().toArray();
    try (NDArray rows = images.getManager().create(chosen)) {
      return images.get(new NDIndex("{}", rows));
    }
  }

  /** All images, whatever is asked for. */
  @Override
  public ImageWindow window(int room, NDManager manager) {
    return new ImageWindow() {
      @Override
      public NDArray images() {
        return images;
      }

      @Override
      public void show(int[] indices, LongBuffer places) {
        for (int i = 0; i < indices.length; i++) {
          places.put(i, indices[i]);
        }
      }
    };
  }

  @Override
  public void close() {
    images.close();
  }
}
