package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Attention to many tokens as one operation of the CPU, which never holds the weights of all pairs
 * of tokens, and makes them again for the gradient: Dao et al. 2022, arXiv 2205.14135. It is
 * quicker, and a batch takes less memory; with few tokens it is slower, and those are left alone.
 */
public final class FusedAttention implements Pass {
  /** The operator; its outputs are the attention and the logarithms of the softmax's sums. */
  static final String OP = "aten::_scaled_dot_product_flash_attention_for_cpu";

  /** With 128 keys it is slower than what is written out, with 197 quicker: by measurement. */
  static final long LEAST_KEYS = 160;

  @Override
  public Program apply(Program program) {
    return Rewriter.rewrite(program, "host::attention", FusedAttention::attention);
  }

  private static @Nullable List<Value> attention(Node node, Rewriter b) {
    TensorType type = node.input(0).type();
    TensorType keys = node.input(1).type();
    Dim tokens = keys.dim(2);
    if (!tokens.isFixed()
        || tokens.fixed() < LEAST_KEYS
        || !keys.dim(3).equals(node.input(2).type().dim(3))) {
      return null;
    }
    GroupedHeads heads = GroupedHeads.of(type, keys);
    // The kernel reads the last dimension as one piece, and does not look whether it is.
    Value q = whole(b, heads.together(b, node.input(0)));
    Value k = whole(b, node.input(1));
    Value v = whole(b, node.input(2));
    DataType exact = type.type() == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
    Value out = new Value(q.type());
    Value sums = new Value(new TensorType(exact, q.type().shape().subList(0, 3)));
    b.add(
        new Node(
            OP,
            List.of(q, k, v, Argument.of(0.0), Argument.of(false)),
            Map.of(),
            List.of(out, sums)));
    return List.of(heads.apart(b, out));
  }

  private static Value whole(Rewriter b, Value x) {
    return b.add("aten::contiguous", x.type(), x);
  }
}
