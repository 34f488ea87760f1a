package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Images that stay where they are, however many: those of a step are copied to the device before
 * it, and read while the step before computes, see {@link ImageWindow#ahead}. Labels are in memory,
 * and so is the order of an epoch: eight bytes an image.
 */
public final class StreamedDataset implements TrainingImages {
  private final ImageDataset source;
  private final ImageShape shape;
  private final int size;
  private final NDManager manager;
  private final Labels labels;
  private final ImageReads reads;
  private @Nullable String sha256;

  private StreamedDataset(ImageDataset source, NDManager manager, Labels labels) {
    this.source = source;
    this.shape = source.shape();
    this.size = source.size();
    this.manager = manager;
    this.labels = labels;
    this.reads = new ImageReads(source);
  }

  /**
   * Reads the labels of {@code source}, which stays open.
   *
   * @param manager the device
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset breaks its
   *     contract
   */
  public static StreamedDataset of(ImageDataset source, NDManager manager) {
    return new StreamedDataset(source, manager, Labels.read(source));
  }

  /**
   * The same of a dataset that is not mapped: every image is read once, for {@link #sha256}.
   *
   * @throws IOException if an image cannot be read
   */
  static StreamedDataset checked(ImageDataset source, NDManager manager) throws IOException {
    StreamedDataset streamed = of(source, manager);
    streamed.sha256();
    return streamed;
  }

  @Override
  public ImageDataset dataset() {
    return source;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageShape shape() {
    return shape;
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
  public String sha256() throws IOException {
    String known = sha256;
    if (known == null) {
      ImageDigest digest = new ImageDigest();
      byte[] image = new byte[shape.elements()];
      for (int i = 0; i < size; i++) {
        reads.read(i, image, 0);
        digest.add(image);
      }
      known = digest.finish(labels);
      sha256 = known;
    }
    return known;
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public NDArray choose(int[] indices) throws IOException {
    byte[] pixels = new byte[Math.multiplyExact(indices.length, shape.elements())];
    for (int i = 0; i < indices.length; i++) {
      reads.read(indices[i], pixels, i * shape.elements());
    }
    return manager.create(ByteBuffer.wrap(pixels), shape.batch(indices.length), DataType.UINT8);
  }

  @Override
  public ImageWindow window(int images, NDManager manager) {
    return new StreamedWindow(reads, shape, manager, images);
  }

  /**
   * Reads an image, as {@link ImageDataset#read} does.
   *
   * @throws IOException if it cannot be read
   */
  void read(int index, byte[] target, int offset) throws IOException {
    reads.read(index, target, offset);
  }

  /** Waits for the image that is being read ahead, if any; no other one is. */
  @Override
  public void close() {
    reads.close();
  }
}
