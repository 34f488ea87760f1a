package io.github.diffusionhost.engine.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A window that images are copied into when they are shown. Those that come next are read into
 * other memory meanwhile, and stay there while others are shown out of turn.
 */
final class StreamedWindow implements ImageWindow {
  private final ImageReads reads;
  private final ImageShape shape;
  private final NDManager manager;
  private final int room;
  private final ByteBuffer bytes;
  private final NDArray images;
  private final Deque<byte[]> spare = new ArrayDeque<>();
  private @Nullable ImagePart ahead;

  /** A window with room for so many images. */
  StreamedWindow(ImageReads reads, ImageShape shape, NDManager manager, int room) {
    this.reads = reads;
    this.shape = shape;
    this.manager = manager;
    this.room = room;
    this.bytes = ByteBuffer.allocateDirect(size()).order(ByteOrder.nativeOrder());
    // On the CPU the array's memory is the buffer itself.
    this.images = manager.create(bytes, shape.batch(room), DataType.UINT8);
    NDScope.unregister(images);
  }

  @Override
  public NDArray images() {
    return images;
  }

  @Override
  public void show(int[] indices, LongBuffer places) throws IOException {
    requireRoom(indices);
    ImagePart part = taken(indices);
    reads.finish(part);
    bytes.clear().put(part.pixels(), 0, indices.length * shape.elements());
    spare.push(part.pixels());
    for (int i = 0; i < indices.length; i++) {
      places.put(i, i);
    }
    if (manager.getDevice().isGpu()) {
      upload(indices.length);
    }
  }

  @Override
  public void ahead(int[] indices) {
    requireRoom(indices);
    ImagePart before = ahead;
    if (before != null && before.isOf(indices)) {
      return;
    } else if (before != null) {
      before.drop();
    }
    ImagePart next = part(indices);
    ahead = next;
    reads.begin(next);
  }

  /** The part that was read ahead, if it is of these images, else one of which nothing is read. */
  private ImagePart taken(int[] indices) {
    ImagePart next = ahead;
    if (next == null || !next.isOf(indices)) {
      return part(indices);
    }
    ahead = null;
    return next;
  }

  private ImagePart part(int[] indices) {
    byte[] pixels = spare.poll();
    return new ImagePart(indices, shape.elements(), pixels == null ? new byte[size()] : pixels);
  }

  private int size() {
    return Math.multiplyExact(room, shape.elements());
  }

  private void requireRoom(int[] indices) {
    if (indices.length > room) {
      throw new IllegalArgumentException(indices.length + " images do not fit a window of " + room);
    }
  }

  private void upload(int count) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      bytes.rewind().limit(count * shape.elements());
      NDArray copy = manager.create(bytes, shape.batch(count), DataType.UINT8);
      images.set(new NDIndex(":" + count), copy);
    }
  }
}
