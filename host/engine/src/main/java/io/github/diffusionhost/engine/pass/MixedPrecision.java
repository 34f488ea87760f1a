package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Products, convolutions and attention in bfloat16; norms, softmax, sums and whatever else needs
 * range or digits in float32; the rest in the type of what it is given. Weights, inputs and outputs
 * of the program stay as they are.
 *
 * <p>Micikevicius et al. 2017, arXiv 1710.03740; the lists follow torch.autocast's.
 */
public final class MixedPrecision implements Pass {
  private static final Set<String> NARROW =
      Set.of("aten::linear", "aten::matmul", "aten::convolution", "host::attention");
  private static final Set<String> EITHER =
      Set.of(
          "aten::add",
          "aten::sub",
          "aten::mul",
          "aten::neg",
          "aten::gelu",
          "aten::silu",
          "aten::relu",
          "aten::sigmoid",
          "aten::tanh",
          "aten::reshape",
          "aten::permute",
          "aten::transpose",
          "aten::expand",
          "aten::split_with_sizes",
          "aten::cat",
          "aten::stack",
          "aten::slice",
          "aten::select",
          "aten::flip",
          "aten::repeat_interleave",
          "aten::repeat",
          "aten::upsample_nearest2d",
          "aten::clone",
          "aten::detach",
          "aten::index_select");

  @Override
  public Program apply(Program program) {
    Program mixed = Rewriter.rewrite(program, MixedPrecision::node);
    return Rewriter.finish(
        mixed, (i, output, writer) -> writer.cast(output, program.outputs().get(i).type().type()));
  }

  private static @Nullable List<Value> node(Node node, Rewriter writer) {
    if (node.op().equals("aten::to")) {
      return null;
    }
    boolean narrow =
        NARROW.contains(node.op()) || (EITHER.contains(node.op()) && isGivenNarrow(node));
    DataType wanted = narrow ? DataType.BFLOAT16 : DataType.FLOAT32;
    UnaryOperator<Value> cast = value -> isReal(value) ? writer.cast(value, wanted) : value;
    Node changed = node.mapInputs(cast);
    List<Value> outputs =
        node.outputs().stream()
            .map(
                value ->
                    new Value(narrow && isReal(value) ? value.type().as(wanted) : value.type()))
            .toList();
    Map<String, Argument> named = new LinkedHashMap<>(changed.named());
    writer.add(new Node(node.op(), changed.arguments(), named, outputs));
    return outputs;
  }

  private static boolean isGivenNarrow(Node node) {
    List<DataType> types =
        node.inputs().stream()
            .map(Value::type)
            .filter(TensorType::isFloating)
            .map(TensorType::type)
            .toList();
    return !types.isEmpty() && types.stream().allMatch(DataType.BFLOAT16::equals);
  }

  private static boolean isReal(Value value) {
    DataType type = value.type().type();
    return type == DataType.FLOAT32 || type == DataType.BFLOAT16;
  }
}
