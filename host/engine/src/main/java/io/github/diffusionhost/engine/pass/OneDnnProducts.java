package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has oneDNN compute products of float32 matrices on the CPU, where MKL would: linear layers and
 * their gradients by input, as convolutions of 1×1 pixels whose image is the rows one under the
 * other. Gradients by weight, whose left side is transposed, stay: there oneDNN is no faster.
 */
public final class OneDnnProducts implements Pass {
  /** Weights of fewer elements are not worth the operations around the convolution. */
  static final long SMALLEST = 128 * 128;

  /** With fewer rows for each image libtorch takes another way than oneDNN's. */
  private static final long ROWS = 8;

  @Override
  public Program apply(Program program) {
    Set<Value> transposed = new HashSet<>();
    return Rewriter.rewrite(
        program,
        (node, writer) -> {
          if (node.op().equals("aten::transpose")) {
            transposed.add(node.output());
          }
          return product(node, writer, transposed);
        });
  }

  private static @Nullable List<Value> product(Node node, Rewriter b, Set<Value> transposed) {
    if (node.outputs().size() != 1
        || node.output().type().type() != DataType.FLOAT32
        || !(node.op().equals("aten::linear") || node.op().equals("aten::mm"))) {
      return null;
    }
    Value weight = node.input(1);
    TensorType left = node.input(0).type();
    if (!weight.type().elements().isFixed() || weight.type().elements().fixed() < SMALLEST) {
      return null;
    } else if (left.product(0, left.rank() - 1).perImage() < ROWS) {
      return null;
    } else if (node.op().equals("aten::linear")) {
      Argument bias = node.arguments().size() > 2 ? node.arguments().get(2) : Argument.Marker.NONE;
      return List.of(convolution(b, node.input(0), weight, bias, node.output().type()));
    } else if (transposed.contains(node.input(0))) {
      return null;
    }
    Dim rows = weight.type().dim(1);
    Value turned =
        b.add(
            "aten::transpose",
            weight.type().shaped(List.of(rows, weight.type().dim(0))),
            weight,
            Argument.of(0),
            Argument.of(1));
    Value whole = b.add("aten::contiguous", turned.type(), turned);
    return List.of(
        convolution(b, node.input(0), whole, Argument.Marker.NONE, node.output().type()));
  }

  /** {@code x wᵀ + bias}: [..., K] and [O, K] to [..., O]. */
  private static Value convolution(
      Rewriter b, Value x, Value weight, Argument bias, TensorType type) {
    Dim rows = x.type().product(0, x.type().rank() - 1);
    Dim in = x.type().dim(-1);
    Dim out = weight.type().dim(0);
    Dim one = Dim.of(1);
    Value image = b.permute(b.reshape(x, List.of(one, rows, one, in)), 0, 3, 1, 2);
    Value kernel = b.reshape(weight, List.of(out, in, one, one));
    List<Argument> arguments =
        new ArrayList<>(List.of(image, kernel, bias, Argument.of(1, 1), Argument.of(0, 0)));
    arguments.addAll(
        List.of(Argument.of(1, 1), Argument.of(false), Argument.of(0, 0), Argument.of(1)));
    Value product =
        b.add(
            "aten::convolution",
            x.type().shaped(List.of(one, out, rows, one)),
            arguments.toArray(new Argument[0]));
    return b.reshape(b.permute(product, 0, 2, 3, 1), type.shape());
  }
}
