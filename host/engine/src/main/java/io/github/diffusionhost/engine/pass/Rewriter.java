package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Writes a program anew, with other operations in place of some. */
final class Rewriter {
  private final ProgramBuilder builder = new ProgramBuilder();
  private final Map<Value, Value> replaced = new HashMap<>();

  /**
   * Replaces operations.
   *
   * @param replacement the tensors in place of a node's outputs, from operations added to the
   *     writer; null to leave the node as it is
   */
  static Program rewrite(
      Program program, BiFunction<Node, Rewriter, @Nullable List<Value>> replacement) {
    Rewriter writer = new Rewriter();
    for (Node original : program.nodes()) {
      Node node = original.mapInputs(writer::current);
      List<Value> outputs = replacement.apply(node, writer);
      if (outputs == null) {
        writer.builder.add(node);
      } else {
        for (int i = 0; i < outputs.size(); i++) {
          writer.replaced.put(node.outputs().get(i), outputs.get(i));
        }
      }
    }
    return program.with(
        writer.builder.nodes(), program.outputs().stream().map(writer::current).toList());
  }

  /** The same for one operator. */
  static Program rewrite(
      Program program, String op, BiFunction<Node, Rewriter, @Nullable List<Value>> replacement) {
    return rewrite(
        program, (node, writer) -> node.op().equals(op) ? replacement.apply(node, writer) : null);
  }

  /** What is done to an output. */
  @FunctionalInterface
  interface OutputChange {
    Value apply(int index, Value output, Rewriter writer);
  }

  /** Adds operations on the outputs at the end. */
  static Program finish(Program program, OutputChange change) {
    Rewriter writer = new Rewriter();
    program.nodes().forEach(writer.builder::add);
    List<Value> outputs = new ArrayList<>();
    for (int i = 0; i < program.outputs().size(); i++) {
      outputs.add(change.apply(i, program.outputs().get(i), writer));
    }
    return program.with(writer.builder.nodes(), outputs);
  }

  Value current(Value value) {
    return replaced.getOrDefault(value, value);
  }

  Value add(String op, TensorType type, Argument... arguments) {
    return builder.add(op, type, arguments);
  }

  void add(Node node) {
    builder.add(node);
  }

  Value cast(Value x, DataType type) {
    return builder.cast(x, type);
  }

  Value reshape(Value x, List<Dim> shape) {
    return builder.reshape(x, shape);
  }

  Value permute(Value x, long... axes) {
    List<Dim> shape = Arrays.stream(axes).mapToObj(axis -> x.type().dim((int) axis)).toList();
    return add("aten::permute", x.type().shaped(shape), x, Argument.of(axes));
  }
}
