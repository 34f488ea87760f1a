package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.List;

/**
 * Writes attention out: {@code softmax(q kᵀ / sqrt(D)) v}, the softmax in float32; heads that share
 * keys as {@link GroupedHeads}.
 */
public final class LowerAttention implements Pass {
  @Override
  public Program apply(Program program) {
    return Rewriter.rewrite(program, "host::attention", LowerAttention::attention);
  }

  private static List<Value> attention(Node node, Rewriter b) {
    Value q = node.input(0);
    Value k = node.input(1);
    Value v = node.input(2);
    TensorType type = q.type();
    Dim size = type.dim(3);
    GroupedHeads heads = GroupedHeads.of(type, k.type());
    Value keys = b.add("aten::mul", k.type(), k, Argument.of(1 / Math.sqrt(size.fixed())));
    Value transposed =
        b.add(
            "aten::transpose",
            keys.type().with(2, keys.type().dim(3)).with(3, keys.type().dim(2)),
            keys,
            Argument.of(2),
            Argument.of(3));
    Value grouped = heads.together(b, q);
    Value scores =
        b.add("aten::matmul", grouped.type().with(-1, k.type().dim(2)), grouped, transposed);
    DataType narrow = type.type();
    Value weights =
        b.cast(
            b.add(
                "aten::softmax",
                scores.type().as(DataType.FLOAT32),
                b.cast(scores, DataType.FLOAT32),
                Argument.of(3),
                Argument.Marker.NONE),
            narrow);
    Value gathered = b.add("aten::matmul", weights.type().with(-1, v.type().dim(3)), weights, v);
    return List.of(heads.apart(b, gathered));
  }
}
