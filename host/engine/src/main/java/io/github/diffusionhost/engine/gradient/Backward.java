package io.github.diffusionhost.engine.gradient;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The backward pass while it is written: the gradients so far, and short forms of operators. */
final class Backward {
  private final ProgramBuilder builder;
  private final Program forward;
  private final Set<Value> active;
  private final Map<Value, Value> gradients = new HashMap<>();

  Backward(Program forward, Set<Value> active) {
    this.builder = new ProgramBuilder(forward);
    this.forward = forward;
    this.active = active;
  }

  /** The program so far. */
  Program program() {
    return builder.build(forward.outputs());
  }

  /** Whether a gradient of this tensor is of use. */
  boolean wants(Argument argument) {
    return argument instanceof Value value && active.contains(value);
  }

  @Nullable Value gradient(Value of) {
    return gradients.get(of);
  }

  /**
   * Adds a gradient to an input's: summed over the dimensions along which the input was broadcast,
   * in the input's data type.
   */
  void give(Argument to, Value gradient) {
    if (!wants(to)) {
      return;
    }
    Value of = (Value) to;
    Value own = cast(sumTo(gradient, of.type()), of.type().type());
    Value before = gradients.get(of);
    gradients.put(of, before == null ? own : add("aten::add", of.type(), before, own));
  }

  Value add(String op, TensorType type, Argument... arguments) {
    return builder.add(op, type, arguments);
  }

  Value add(String op, TensorType type, Map<String, Argument> named, Argument... arguments) {
    return builder.add(op, type, named, arguments);
  }

  List<Value> add(String op, List<TensorType> types, Argument... arguments) {
    return builder.add(op, types, Map.of(), arguments);
  }

  /** A product; the result has the left side's type. */
  Value mul(Value left, Argument right) {
    return add("aten::mul", left.type(), left, right);
  }

  /** A product of any two tensors with the shape of the larger one. */
  Value mulAs(TensorType type, Value left, Argument right) {
    return add("aten::mul", type, left, right);
  }

  Value neg(Value x) {
    return add("aten::neg", x.type(), x);
  }

  Value cast(Value x, DataType type) {
    return builder.cast(x, type);
  }

  Value reshape(Value x, List<Dim> shape) {
    return builder.reshape(x, shape);
  }

  Value expand(Value x, List<Dim> shape) {
    return x.type().shape().equals(shape)
        ? x
        : add("aten::expand", x.type().shaped(shape), x, new Argument.Sizes(shape));
  }

  /** The transpose of a matrix, or of the last two dimensions. */
  Value transposed(Value x) {
    int last = x.type().rank() - 1;
    List<Dim> shape = new ArrayList<>(x.type().shape());
    shape.set(last, x.type().dim(last - 1));
    shape.set(last - 1, x.type().dim(last));
    return add(
        "aten::transpose", x.type().shaped(shape), x, Argument.of(last - 1), Argument.of(last));
  }

  /** The sum over the given axes, which stay with size 1. */
  Value sum(Value x, List<Integer> axes) {
    TensorType type = x.type();
    for (int axis : axes) {
      type = type.with(axis, Dim.of(1));
    }
    return add(
        "aten::sum",
        type,
        x,
        Argument.of(axes.stream().mapToLong(Integer::longValue).toArray()),
        Argument.of(true));
  }

  /** Undoes a broadcast. */
  Value sumTo(Value x, TensorType target) {
    if (x.type().shape().equals(target.shape())) {
      return x;
    }
    int extra = x.type().rank() - target.rank();
    List<Integer> axes =
        IntStream.range(0, x.type().rank())
            .filter(
                axis ->
                    axis < extra || (target.dim(axis - extra).is(1) && !x.type().dim(axis).is(1)))
            .boxed()
            .toList();
    return reshape(axes.isEmpty() ? x : sum(x, axes), target.shape());
  }
}
