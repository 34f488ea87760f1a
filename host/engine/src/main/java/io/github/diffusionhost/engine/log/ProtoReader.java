package io.github.diffusionhost.engine.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads what {@link ProtoWriter} writes, field by field. */
final class ProtoReader {
  private final ByteBuffer bytes;
  private int wireType;

  ProtoReader(ByteBuffer bytes) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of the next field, or 0 at the end. */
  int next() {
    if (!bytes.hasRemaining()) {
      return 0;
    }
    long tag = varint();
    wireType = (int) (tag & 7);
    return (int) (tag >> 3);
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte part = bytes.get();
      value |= (long) (part & 0x7f) << shift;
      if (part >= 0) {
        break;
      }
    }
    return value;
  }

  double fixed64() {
    return bytes.getDouble();
  }

  ByteBuffer message() {
    int length = (int) varint();
    ByteBuffer message = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return message;
  }

  String text() {
    return StandardCharsets.UTF_8.decode(message()).toString();
  }

  void skip() {
    switch (wireType) {
      case ProtoWriter.VARINT -> varint();
      case ProtoWriter.FIXED64 -> bytes.position(bytes.position() + Long.BYTES);
      case ProtoWriter.LENGTH_DELIMITED -> message();
      case ProtoWriter.FIXED32 -> bytes.position(bytes.position() + Integer.BYTES);
      default -> throw new IllegalArgumentException("wire type " + wireType);
    }
  }
}
