package io.github.diffusionhost.engine.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a program, operation by operation. */
public final class ProgramBuilder {
  private final List<Value> inputs = new ArrayList<>();
  private final Map<Value, NDArray> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /** An empty program. */
  public ProgramBuilder() {}

  /** Goes on after a program's operations. */
  public ProgramBuilder(Program program) {
    inputs.addAll(program.inputs());
    constants.putAll(program.constants());
    nodes.addAll(program.nodes());
  }

  /** Adds an input. */
  public Value input(TensorType type) {
    Value value = new Value(type);
    inputs.add(value);
    return value;
  }

  /** Adds a constant, which must stay open as long as the program is used. */
  public Value constant(NDArray array) {
    Value value = new Value(TensorType.of(array));
    constants.put(value, array);
    return value;
  }

  /** Adds an operation with one output. */
  public Value add(String op, TensorType type, Argument... arguments) {
    return add(op, type, Map.of(), arguments);
  }

  /** Adds an operation with one output and arguments by name. */
  public Value add(String op, TensorType type, Map<String, Argument> named, Argument... arguments) {
    return add(op, List.of(type), named, arguments).get(0);
  }

  /** Adds an operation with several outputs. */
  public List<Value> add(
      String op, List<TensorType> types, Map<String, Argument> named, Argument... arguments) {
    List<Value> outputs = types.stream().map(Value::new).toList();
    nodes.add(new Node(op, List.of(arguments), named, outputs));
    return outputs;
  }

  /** A tensor in a data type: itself where it has that already. */
  public Value cast(Value x, DataType type) {
    return x.type().type() == type
        ? x
        : add("aten::to", x.type().as(type), x, new Argument.Type(type));
  }

  /** A tensor in a shape: itself where it has that already. */
  public Value reshape(Value x, List<Dim> shape) {
    return x.type().shape().equals(shape)
        ? x
        : add("aten::reshape", x.type().shaped(shape), x, new Argument.Sizes(shape));
  }

  /** Adds an operation as it is. */
  public void add(Node node) {
    nodes.add(node);
  }

  /** The operations so far. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The program. */
  public Program build(List<Value> outputs) {
    return new Program(inputs, constants, nodes, outputs);
  }
}
