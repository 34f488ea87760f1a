package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.List;

/**
 * Heads that share keys as more tokens of one head, so that no key is repeated in memory.
 *
 * @param tokens T, those of a query head
 * @param keyHeads the heads of the keys
 * @param shared how many heads share one of them
 */
record GroupedHeads(Dim tokens, Dim keyHeads, Dim shared) {
  /** Of queries [N, heads, T, D] and keys [N, keyHeads, S, D]. */
  static GroupedHeads of(TensorType queries, TensorType keys) {
    Dim keyHeads = keys.dim(1);
    Dim shared = Dim.of(queries.dim(1).fixed() / keyHeads.fixed());
    return new GroupedHeads(queries.dim(2), keyHeads, shared);
  }

  /** [N, heads, T, D] to [N, keyHeads, T·shared, D]. */
  Value together(Rewriter b, Value q) {
    if (shared.is(1)) {
      return q;
    }
    TensorType type = q.type();
    Value five = b.reshape(q, List.of(type.dim(0), keyHeads, shared, tokens, type.dim(3)));
    Value swapped = b.permute(five, 0, 1, 3, 2, 4);
    return b.reshape(swapped, List.of(type.dim(0), keyHeads, tokens.times(shared), type.dim(3)));
  }

  /** [N, keyHeads, T·shared, E] to [N, heads, T, E]. */
  Value apart(Rewriter b, Value x) {
    if (shared.is(1)) {
      return x;
    }
    TensorType type = x.type();
    Value five = b.reshape(x, List.of(type.dim(0), keyHeads, tokens, shared, type.dim(3)));
    Value swapped = b.permute(five, 0, 1, 3, 2, 4);
    return b.reshape(swapped, List.of(type.dim(0), keyHeads.times(shared), tokens, type.dim(3)));
  }
}
