package io.github.diffusionhost.engine.program;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a {@link Node} is given. */
public sealed interface Argument permits Value, Argument.Literal, Argument.Values {
  /** Known when the program is written. */
  sealed interface Literal extends Argument
      permits Size, Sizes, Real, Flag, Flags, Text, Type, Marker {}

  /** A list of tensors. */
  record Values(List<Value> values) implements Argument {
    /** Copies the list. */
    public Values {
      values = List.copyOf(values);
    }
  }

  /** An integer that may depend on the batch. */
  record Size(Dim dim) implements Literal {}

  /** A list of integers that may depend on the batch. */
  record Sizes(List<Dim> dims) implements Literal {
    /** Copies the list. */
    public Sizes {
      dims = List.copyOf(dims);
    }
  }

  /** A floating-point number. */
  record Real(double value) implements Literal {}

  /** True or false. */
  record Flag(boolean value) implements Literal {}

  /** A list of truth values. */
  record Flags(List<Boolean> values) implements Literal {
    /** Copies the list. */
    public Flags {
      values = List.copyOf(values);
    }
  }

  /** A string. */
  record Text(String value) implements Literal {}

  /** A data type. */
  record Type(DataType type) implements Literal {}

  /** Words of the language. */
  enum Marker implements Literal {
    /** Nothing: an optional argument that is not given. */
    NONE,
    /** The device that the program runs on. */
    DEVICE
  }

  /** An integer. */
  static Size of(long value) {
    return new Size(Dim.of(value));
  }

  /** A list of integers. */
  static Sizes of(long... values) {
    return new Sizes(Arrays.stream(values).mapToObj(Dim::of).toList());
  }

  /** A floating-point number. */
  static Real of(double value) {
    return new Real(value);
  }

  /** True or false. */
  static Flag of(boolean value) {
    return new Flag(value);
  }

  /**
   * The arguments by name of operators that make a tensor from nothing, on the program's device.
   */
  static Map<String, Argument> factory(DataType type) {
    Map<String, Argument> named = new LinkedHashMap<>();
    named.put("dtype", new Type(type));
    named.put("layout", Marker.NONE);
    named.put("device", Marker.DEVICE);
    named.put("pin_memory", Marker.NONE);
    return named;
  }
}
