package io.github.diffusionhost.engine.safetensors;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The element types of the format, under their names in the file, and the arrays that they become.
 *
 * <p>DJL's PyTorch engine has no arrays of bfloat16 and int16 (it ends the process when asked for
 * one), so that these are widened, exactly, to float32 and int32.
 */
public enum TensorType {
  F64(8, DataType.FLOAT64),
  F32(4, DataType.FLOAT32),
  F16(2, DataType.FLOAT16),
  BF16(2, DataType.FLOAT32),
  I64(8, DataType.INT64),
  I32(4, DataType.INT32),
  I16(2, DataType.INT32),
  I8(1, DataType.INT8),
  U8(1, DataType.UINT8),
  BOOL(1, DataType.BOOLEAN);

  private final int bytes;
  private final DataType arrayType;

  TensorType(int bytes, DataType arrayType) {
    this.bytes = bytes;
    this.arrayType = arrayType;
  }

  /** Bytes of one element in the file. */
  public int bytes() {
    return bytes;
  }

  /** The type of the array that a tensor is read into. */
  public DataType arrayType() {
    return arrayType;
  }

  /** The type written as {@code name} in a file; empty if it is none of these. */
  static Optional<TensorType> named(String name) {
    for (TensorType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The type in which an array is written without change; empty if there is none. */
  static Optional<TensorType> of(DataType arrayType) {
    for (TensorType type : values()) {
      if (type.arrayType == arrayType && !type.isWidened()) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  private boolean isWidened() {
    return arrayType.getNumOfBytes() != bytes;
  }

  /** The bytes of the array for these bytes of the file; {@code stored} itself if they agree. */
  ByteBuffer toArrayBytes(ByteBuffer stored) {
    if (!isWidened()) {
      return stored;
    }
    ByteBuffer wide =
        ByteBuffer.allocateDirect(stored.remaining() / bytes * arrayType.getNumOfBytes())
            .order(ByteOrder.nativeOrder());
    while (stored.hasRemaining()) {
      int bits = stored.getShort();
      // bfloat16 is the upper half of a float32
      wide.putInt(this == BF16 ? bits << 16 : bits);
    }
    return wide.flip();
  }
}
