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
 * Writes attention out: {@code softmax(q kᵀ / sqrt(D)) v}, the softmax in float32. The heads that
 * share keys become more tokens of one head, so that no key is repeated in memory.
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
    Dim n = type.dim(0);
    Dim heads = type.dim(1);
    Dim tokens = type.dim(2);
    Dim size = type.dim(3);
    Dim kvHeads = k.type().dim(1);
    Dim shared = Dim.of(heads.fixed() / kvHeads.fixed());
    Value keys = b.add("aten::mul", k.type(), k, Argument.of(1 / Math.sqrt(size.fixed())));
    Value transposed =
        b.add(
            "aten::transpose",
            keys.type().with(2, keys.type().dim(3)).with(3, keys.type().dim(2)),
            keys,
            Argument.of(2),
            Argument.of(3));
    Value grouped = together(b, q, List.of(n, kvHeads, shared, tokens, size));
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
    return List.of(apart(b, gathered, List.of(n, kvHeads, tokens, shared, v.type().dim(3))));
  }

  /** [N, heads, T, D] to [N, kvHeads, T·shared, D]. */
  private static Value together(Rewriter b, Value q, List<Dim> split) {
    Dim n = split.get(0);
    Dim kvHeads = split.get(1);
    Dim shared = split.get(2);
    if (shared.is(1)) {
      return q;
    }
    Dim tokens = split.get(3);
    Dim size = split.get(4);
    Value five = b.reshape(q, split);
    Value swapped = b.permute(five, 0, 1, 3, 2, 4);
    return b.reshape(swapped, List.of(n, kvHeads, tokens.times(shared), size));
  }

  /** [N, kvHeads, T·shared, E] to [N, heads, T, E]. */
  private static Value apart(Rewriter b, Value x, List<Dim> split) {
    Dim shared = split.get(3);
    if (shared.is(1)) {
      return x;
    }
    Value swapped = b.permute(b.reshape(x, split), 0, 1, 3, 2, 4);
    Dim heads = split.get(1).times(shared);
    return b.reshape(swapped, List.of(split.get(0), heads, split.get(2), split.get(4)));
  }
}
