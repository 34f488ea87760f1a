package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Images in memory, one after the other. */
final class ImageBytes {
  private final ImageShape shape;
  private final byte[] bytes;

  ImageBytes(ImageShape shape, byte[] bytes) {
    this.shape = shape;
    this.bytes = bytes;
  }

  /** Some images of a dataset. */
  static ImageBytes of(ImageDataset dataset, int from, int to) throws IOException {
    int elements = dataset.shape().elements();
    byte[] bytes = new byte[Math.multiplyExact(to - from, elements)];
    for (int i = from; i < to; i++) {
      dataset.read(i, bytes, (i - from) * elements);
    }
    return new ImageBytes(dataset.shape(), bytes);
  }

  int size() {
    return bytes.length / shape.elements();
  }

  byte[] image(int index) {
    int elements = shape.elements();
    return Arrays.copyOfRange(bytes, index * elements, (index + 1) * elements);
  }

  /** [to − from,C,H,W] uint8, in the caller's scope. */
  NDArray array(int from, int to, NDManager manager) {
    int elements = shape.elements();
    ByteBuffer some = ByteBuffer.wrap(bytes, from * elements, (to - from) * elements).slice();
    return manager.create(some, shape.batch((long) to - from), DataType.UINT8);
  }
}
