package io.github.diffusionhost.plugins.linearprobe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The images of a split that a probe uses, and their labels. */
final class ProbeImages {
  private final ImageDataset source;
  private final int[] indices;

  private ProbeImages(ImageDataset source, int[] indices) {
    this.source = source;
    this.indices = indices;
  }

  /**
   * Some images of a dataset.
   *
   * @param count how many; 0, or more than there are: all
   * @param noise the draws of the choice
   */
  static ProbeImages of(ImageDataset source, int count, Noise noise) {
    int size = source.size();
    return new ProbeImages(
        source,
        count == 0 || count >= size
            ? IntStream.range(0, size).toArray()
            : Draws.choice(noise, size, count));
  }

  int size() {
    return indices.length;
  }

  int classes() {
    return source.classNames().size();
  }

  /** How many classes occur. */
  long classesSeen() {
    return Arrays.stream(indices).map(source::label).distinct().count();
  }

  /**
   * Reads a batch.
   *
   * @param places which of the images
   * @param flipped which of these are flipped left to right
   * @return pixels as the network sees them [N,C,H,W] float32
   */
  NDArray pixels(NDManager manager, int[] places, boolean[] flipped) throws IOException {
    ImageShape shape = source.shape();
    int elements = shape.elements();
    byte[] bytes = new byte[Math.multiplyExact(places.length, elements)];
    for (int i = 0; i < places.length; i++) {
      source.read(indices[places[i]], bytes, i * elements);
      if (flipped[i]) {
        flip(bytes, i * elements, (i + 1) * elements, shape.width());
      }
    }
    NDArray images =
        manager.create(ByteBuffer.wrap(bytes), shape.batch(places.length), DataType.UINT8);
    return source.normalization().normalize(images);
  }

  /** The labels of a batch, [N] int64. */
  NDArray labels(NDManager manager, int[] places) {
    return manager.create(
        Arrays.stream(places).mapToLong(place -> source.label(indices[place])).toArray());
  }

  private static void flip(byte[] bytes, int from, int to, int width) {
    for (int row = from; row < to; row += width) {
      for (int left = row, right = row + width - 1; left < right; left++, right--) {
        byte pixel = bytes[left];
        bytes[left] = bytes[right];
        bytes[right] = pixel;
      }
    }
  }
}
