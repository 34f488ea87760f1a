package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.Set;

/** Operations of an array and a Java number. */
final class Scalars {
  private static final Set<String> WITHOUT_NUMBERS =
      Set.of("aten::maximum", "aten::minimum", "aten::atan2");

  private Scalars() {}

  /** Records {@code op(x, number)}. */
  static NDArray record(Traced x, String op, NDArray real, Number number) {
    Recording recording = x.recording();
    Value left = x.value();
    TensorType type = TensorType.of(real);
    if (type.type() != left.type().type() && type.type() != DataType.BOOLEAN) {
      // DJL makes an array of the number, and the result may take its type.
      left =
          recording.add(
              "aten::to", left.type().as(type.type()), left, new Argument.Type(type.type()));
    }
    Argument right = literal(number);
    if (WITHOUT_NUMBERS.contains(op)) {
      if (op.equals("aten::atan2")) {
        throw new NotTraceableException("atan2 of a number cannot be recorded");
      }
      return recording.record(
          op.equals("aten::maximum") ? "aten::clamp_min" : "aten::clamp_max", real, left, right);
    }
    return recording.record(op, real, left, right);
  }

  /** A number as it is written in a program. */
  static Argument literal(Number number) {
    boolean whole = number instanceof Integer || number instanceof Long || number instanceof Byte;
    return whole ? Argument.of(number.longValue()) : Argument.of(number.doubleValue());
  }
}
