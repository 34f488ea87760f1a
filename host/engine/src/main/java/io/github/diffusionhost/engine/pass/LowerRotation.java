package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes rotary embeddings as products of complex numbers: each pair of neighbours is one number,
 * {@code (x0 + i·x1)(cos + i·sin)}, read once and written once.
 */
public final class LowerRotation implements Pass {
  @Override
  public Program apply(Program program) {
    return Rewriter.rewrite(program, "host::rotate", LowerRotation::rotate);
  }

  private static List<Value> rotate(Node node, Rewriter b) {
    Value x = b.cast(node.input(0), DataType.FLOAT32);
    Value cos = half(b, node.input(1), 0);
    Value sin = half(b, node.input(2), 1);
    Value angles = b.add("aten::complex", cos.type().as(DataType.COMPLEX64), cos, sin);
    TensorType type = x.type();
    Dim pairs = Dim.of(type.dim(-1).fixed() / 2);
    List<Dim> apart = new ArrayList<>(type.with(-1, pairs).shape());
    TensorType complex = new TensorType(DataType.COMPLEX64, apart);
    apart.add(Dim.of(2));
    Value numbers = b.add("aten::view_as_complex", complex, contiguous(b, b.reshape(x, apart)));
    Value turned = b.add("aten::mul", complex, numbers, angles);
    Value real = b.add("aten::view_as_real", new TensorType(DataType.FLOAT32, apart), turned);
    return List.of(b.cast(b.reshape(real, type.shape()), node.output().type().type()));
  }

  /** Complex numbers need their two halves side by side. */
  private static Value contiguous(Rewriter b, Value x) {
    return b.add("aten::contiguous", x.type(), x);
  }

  /** Every second value of the last dimension. */
  private static Value half(Rewriter b, Value table, long from) {
    long size = table.type().dim(-1).fixed();
    return b.add(
        "aten::slice",
        table.type().with(-1, Dim.of(size / 2)),
        table,
        Argument.of(table.type().rank() - 1),
        Argument.of(from),
        Argument.of(size),
        Argument.of(2));
  }
}
