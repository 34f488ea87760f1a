package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** All images of a dataset as bytes on the device, and their labels. */
public final class ResidentDataset implements AutoCloseable {
  private final NDArray images;
  private final int[] labels;
  private final ImageShape shape;
  private final String sha256;

  private ResidentDataset(NDArray images, int[] labels, ImageShape shape, String sha256) {
    this.images = images;
    this.labels = labels;
    this.shape = shape;
    this.sha256 = sha256;
  }

  /**
   * Reads every image of {@code source}, which stays open.
   *
   * @param manager the scope and device of the images
   * @throws IOException if an image cannot be read or the dataset breaks its contract
   */
  public static ResidentDataset load(ImageDataset source, NDManager manager) throws IOException {
    int count = source.size();
    if (count < 1) {
      throw new IOException("the dataset has no images");
    }
    long total = (long) count * source.shape().elements();
    if (total > Integer.MAX_VALUE) {
      throw new IOException(
          "the dataset's %,d images need %,d bytes; datasets of up to 2 GiB fit: limit it or make the"
                  .formatted(count, total)
              + " images smaller");
    }
    byte[] pixels = new byte[(int) total];
    for (int i = 0; i < count; i++) {
      source.read(i, pixels, i * source.shape().elements());
    }
    int[] labels = readLabels(source);
    try (NDArray view =
        manager.create(ByteBuffer.wrap(pixels), source.shape().batch(count), DataType.UINT8)) {
      return new ResidentDataset(view.duplicate(), labels, source.shape(), digest(pixels, labels));
    }
  }

  /** How many images there are. */
  public int size() {
    return (int) images.getShape().get(0);
  }

  /** The size of every image. */
  public ImageShape shape() {
    return shape;
  }

  /** Whether the images have labels. */
  public boolean labelled() {
    return labels.length > 0;
  }

  /** The SHA-256 of all pixels and labels. */
  public String sha256() {
    return sha256;
  }

  /** All images, [size,C,H,W] uint8. */
  public NDArray images() {
    return images;
  }

  /** The label of an image. */
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void close() {
    images.close();
  }

  private static int[] readLabels(ImageDataset source) throws IOException {
    int classes = source.classNames().size();
    int[] labels = new int[classes == 0 ? 0 : source.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = source.label(i);
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IOException(
            "image %d has label %d, and the dataset has %d classes"
                .formatted(i, labels[i], classes));
      }
    }
    return labels;
  }

  private static String digest(byte[] pixels, int[] labels) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(pixels);
      ByteBuffer numbers = ByteBuffer.allocate(labels.length * Integer.BYTES);
      numbers.asIntBuffer().put(labels);
      return HexFormat.of().formatHex(digest.digest(numbers.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
