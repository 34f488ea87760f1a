package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.function.Consumer;

/**
 * Memory through which values go from the JVM to arrays. It is used again and again: memory that
 * DJL takes for each array is only given back by the garbage collector.
 *
 * <p>For one thread.
 */
public final class StagingBuffer {
  private ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.nativeOrder());

  /** Room for {@code count} longs, to be filled from index 0 on. */
  public LongBuffer longs(int count) {
    return room(Math.multiplyExact(count, Long.BYTES)).asLongBuffer();
  }

  /**
   * A new array of values that are written into its own memory where the JVM reaches it, which
   * spares a copy.
   *
   * @param fill writes every value, in the machine's order of bytes, and does not keep the memory
   */
  public NDArray filled(NDManager manager, Shape shape, DataType type, Consumer<ByteBuffer> fill) {
    int size = Math.toIntExact(Math.multiplyExact(shape.size(), type.getNumOfBytes()));
    if (manager.getDevice().isGpu() || size == 0) {
      fill.accept(room(size));
      return copyTo(manager, shape, type);
    }
    NDArray array = manager.create(shape, type);
    fill.accept(array.toByteBuffer(true));
    return array;
  }

  /** A new array that holds what the last room was filled with. */
  public NDArray copyTo(NDManager manager, Shape shape, DataType type) {
    bytes.rewind();
    NDArray view = manager.create(bytes, shape, type);
    if (view.getDevice().isGpu()) {
      return view; // already a copy
    }
    try (view) {
      return view.duplicate();
    }
  }

  private ByteBuffer room(int size) {
    if (bytes.capacity() < size) {
      bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }
    bytes.clear().limit(size);
    return bytes;
  }
}
