package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** A window that images are copied into when they are needed. */
final class StreamedWindow implements ImageWindow {
  private final ImageDataset source;
  private final ImageReader reader;
  private final NDManager manager;
  private final int room;
  private final byte[] image;
  private final ByteBuffer bytes;
  private final NDArray images;

  /** A window with room for so many images. */
  StreamedWindow(ImageDataset source, NDManager manager, int room) {
    this.source = source;
    this.reader = new ImageReader(source);
    this.manager = manager;
    this.room = room;
    this.image = new byte[source.shape().elements()];
    int size = Math.multiplyExact(room, image.length);
    this.bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    // On the CPU the array's memory is the buffer itself.
    this.images = manager.create(bytes, source.shape().batch(room), DataType.UINT8);
    NDScope.unregister(images);
  }

  @Override
  public NDArray images() {
    return images;
  }

  @Override
  public void show(int[] indices, LongBuffer places) throws IOException {
    if (indices.length > room) {
      throw new IllegalArgumentException(indices.length + " images do not fit a window of " + room);
    }
    bytes.clear();
    for (int i = 0; i < indices.length; i++) {
      reader.read(indices[i], image, 0);
      bytes.put(image);
      places.put(i, i);
    }
    if (manager.getDevice().isGpu()) {
      upload(indices.length);
    }
  }

  private void upload(int count) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      bytes.rewind().limit(count * image.length);
      NDArray copy = manager.create(bytes, source.shape().batch(count), DataType.UINT8);
      images.set(new NDIndex(":" + count), copy);
    }
  }
}
