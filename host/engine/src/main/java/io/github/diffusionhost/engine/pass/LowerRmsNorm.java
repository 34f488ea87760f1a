package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.List;

/**
 * Writes the root-mean-square norm out: {@code r = (|x|²/D + eps)^-½} from one reduction, then
 * {@code x·r·w}, all in float32.
 */
public final class LowerRmsNorm implements Pass {
  @Override
  public Program apply(Program program) {
    return Rewriter.rewrite(program, "host::rms_norm", LowerRmsNorm::norm);
  }

  private static List<Value> norm(Node node, Rewriter b) {
    Value x = b.cast(node.input(0), DataType.FLOAT32);
    TensorType type = x.type();
    TensorType reduced = node.outputs().get(1).type();
    double eps = ((Argument.Real) node.arguments().get(2)).value();
    Value length =
        b.add(
            "aten::linalg_vector_norm",
            reduced,
            x,
            Argument.of(2.0),
            Argument.of(new long[] {type.rank() - 1}),
            Argument.of(true));
    Value mean =
        b.add(
            "aten::div",
            reduced,
            b.add("aten::mul", reduced, length, length),
            new Argument.Size(type.dim(-1)));
    Value r = b.add("aten::rsqrt", reduced, b.add("aten::add", reduced, mean, Argument.of(eps)));
    Value out = b.add("aten::mul", type, x, r);
    if (node.arguments().get(1) instanceof Value weight) {
      out = b.add("aten::mul", type, out, b.cast(weight, DataType.FLOAT32));
    }
    return List.of(b.cast(out, node.output().type().type()), r);
  }
}
