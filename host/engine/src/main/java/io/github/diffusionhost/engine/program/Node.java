package io.github.diffusionhost.engine.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One operation.
 *
 * @param op the operator with its namespace, {@code aten::add}
 * @param arguments in the order of the operator's schema
 * @param named arguments that the schema wants by name, after the others
 * @param outputs what it makes
 */
public record Node(
    String op, List<Argument> arguments, Map<String, Argument> named, List<Value> outputs) {
  /** Operators whose result is the memory of their first input. */
  private static final Set<String> VIEWS =
      Set.of(
          "aten::reshape",
          "aten::expand",
          "aten::permute",
          "aten::transpose",
          "aten::slice",
          "aten::select",
          "aten::split_with_sizes",
          "aten::view_as_real",
          "aten::view_as_complex",
          "aten::detach");

  /** Copies the lists. */
  public Node {
    arguments = List.copyOf(arguments);
    named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
    outputs = List.copyOf(outputs);
  }

  /** The only output. */
  public Value output() {
    return outputs.get(0);
  }

  /** An argument that is a tensor. */
  public Value input(int index) {
    return (Value) arguments.get(index);
  }

  /** Every tensor among the arguments, in order. */
  public List<Value> inputs() {
    List<Value> inputs = new ArrayList<>();
    arguments.forEach(argument -> collect(argument, inputs));
    named.values().forEach(argument -> collect(argument, inputs));
    return inputs;
  }

  /** The same operation on other tensors. */
  public Node mapInputs(UnaryOperator<Value> change) {
    Map<String, Argument> changed = new LinkedHashMap<>();
    named.forEach((name, argument) -> changed.put(name, map(argument, change)));
    return new Node(
        op, arguments.stream().map(argument -> map(argument, change)).toList(), changed, outputs);
  }

  /** Whether it does more than make its outputs: operators that write end in an underscore. */
  public boolean writes() {
    return op.endsWith("_");
  }

  /** Whether its outputs are, as a rule, the memory of its first input. */
  public boolean isView() {
    return VIEWS.contains(op);
  }

  private static void collect(Argument argument, List<Value> inputs) {
    if (argument instanceof Value value) {
      inputs.add(value);
    } else if (argument instanceof Argument.Values list) {
      inputs.addAll(list.values());
    }
  }

  private static Argument map(Argument argument, UnaryOperator<Value> change) {
    if (argument instanceof Value value) {
      return change.apply(value);
    } else if (argument instanceof Argument.Values list) {
      return new Argument.Values(list.values().stream().map(change).toList());
    }
    return argument;
  }
}
