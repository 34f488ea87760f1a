package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Matrices as bytes: rows, columns, and the numbers row by row in the machine's byte order. */
final class SavedArray {
  private SavedArray() {}

  static void write(NDArray matrix, DataOutput out) throws IOException {
    out.writeLong(matrix.getShape().get(0));
    out.writeLong(matrix.getShape().get(1));
    out.write(matrix.toByteArray());
  }

  /**
   * Reads a matrix.
   *
   * @return in the caller's scope
   * @throws IOException if the file's sizes are no matrix's
   */
  static NDArray read(DataInput in, DataType type, NDManager manager) throws IOException {
    Shape shape = new Shape(in.readLong(), in.readLong());
    if (shape.get(0) < 0 || shape.get(1) < 1) {
      throw new IOException("the kept state holds a matrix of " + shape);
    }
    try {
      byte[] bytes = new byte[Math.toIntExact(shape.size() * type.getNumOfBytes())];
      in.readFully(bytes);
      return manager.create(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), shape, type);
    } catch (ArithmeticException e) {
      throw new IOException("the kept state holds a matrix of " + shape, e);
    }
  }
}
