package io.github.diffusionhost.engine.program;

/** A tensor of a program: an input, a constant or an output of a node. Equal only to itself. */
public final class Value implements Argument {
  private final TensorType type;

  /** A new tensor. */
  public Value(TensorType type) {
    this.type = type;
  }

  /** Its type. */
  public TensorType type() {
    return type;
  }
}
