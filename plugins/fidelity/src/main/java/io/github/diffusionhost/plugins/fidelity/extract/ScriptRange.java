package io.github.diffusionhost.plugins.fidelity.extract;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** The pixels that a network wants. */
public enum ScriptRange {
  /** From 0 to 255. */
  BYTES,
  /** From 0 to 1. */
  UNIT,
  /** From −1 to 1. */
  SIGNED;

  /** Bytes [N,C,H,W] uint8 as float32 pixels. */
  public NDArray pixels(NDArray images) {
    NDArray pixels = images.toType(DataType.FLOAT32, true);
    return switch (this) {
      case BYTES -> pixels;
      case UNIT -> pixels.divi(255);
      case SIGNED -> pixels.divi(127.5).subi(1);
    };
  }

  /** For a report's protocol. */
  String words() {
    return switch (this) {
      case BYTES -> "pixels 0 to 255";
      case UNIT -> "pixels 0 to 1";
      case SIGNED -> "pixels -1 to 1";
    };
  }
}
