package io.github.diffusionhost.engine.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The element type and the shape of a tensor. */
public record TensorType(DataType type, List<Dim> shape) {
  /** Copies the list. */
  public TensorType {
    shape = List.copyOf(shape);
  }

  /** A type whose shape does not depend on the batch. */
  public static TensorType of(DataType type, long... shape) {
    return new TensorType(type, Arrays.stream(shape).mapToObj(Dim::of).toList());
  }

  /** The type of an array. */
  public static TensorType of(NDArray array) {
    return of(array.getDataType(), array.getShape().getShape());
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.size();
  }

  /** A dimension; negative ones count from the end. */
  public Dim dim(int axis) {
    return shape.get(axis < 0 ? axis + rank() : axis);
  }

  /** The product of the dimensions in [from, to). */
  public Dim product(int from, int to) {
    Dim product = Dim.of(1);
    for (Dim dim : shape.subList(from, to)) {
      product = product.times(dim);
    }
    return product;
  }

  /** The number of elements. */
  public Dim elements() {
    return product(0, rank());
  }

  /** The same shape with another element type. */
  public TensorType as(DataType other) {
    return new TensorType(other, shape);
  }

  /** The same element type with another shape. */
  public TensorType shaped(List<Dim> other) {
    return new TensorType(type, other);
  }

  /** With one dimension changed; negative axes count from the end. */
  public TensorType with(int axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(shape);
    changed.set(axis < 0 ? axis + rank() : axis, dim);
    return new TensorType(type, changed);
  }

  /** Whether the elements are real numbers. */
  public boolean isFloating() {
    return type.isFloating() || type == DataType.BFLOAT16;
  }

  @Override
  public String toString() {
    return type.name().toLowerCase(java.util.Locale.ROOT) + shape;
  }
}
