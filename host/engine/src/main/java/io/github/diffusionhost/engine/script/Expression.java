package io.github.diffusionhost.engine.script;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Value;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The text of a node's arguments. */
public final class Expression {
  private final Function<Value, String> names;

  /**
   * Writes for one method.
   *
   * @param names the variable of each tensor
   */
  Expression(Function<Value, String> names) {
    this.names = names;
  }

  String of(Argument argument) {
    if (argument instanceof Value value) {
      return names.apply(value);
    } else if (argument instanceof Argument.Values list) {
      return list(list.values().stream().map(names));
    }
    return literal((Argument.Literal) argument);
  }

  private static String literal(Argument.Literal argument) {
    if (argument instanceof Argument.Size size) {
      return size.dim().toString();
    } else if (argument instanceof Argument.Sizes sizes) {
      return sizes.dims().isEmpty()
          ? "annotate(List[int], [])"
          : list(sizes.dims().stream().map(Object::toString));
    } else if (argument instanceof Argument.Real number) {
      return number(number.value());
    } else if (argument instanceof Argument.Flag flag) {
      return flag(flag.value());
    } else if (argument instanceof Argument.Flags flags) {
      return list(flags.values().stream().map(Expression::flag));
    } else if (argument instanceof Argument.Text text) {
      return '"' + text.value() + '"';
    } else if (argument instanceof Argument.Type type) {
      return Integer.toString(code(type.type()));
    }
    return argument == Argument.Marker.NONE ? "None" : "device";
  }

  private static String list(java.util.stream.Stream<String> parts) {
    return parts.collect(Collectors.joining(", ", "[", "]"));
  }

  private static String flag(boolean value) {
    return value ? "True" : "False";
  }

  /** A number as TorchScript reads it. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "float(\"nan\")";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "float(\"inf\")" : "float(\"-inf\")";
    }
    return Double.toString(value).toLowerCase(Locale.ROOT);
  }

  /** The number of a type, c10::ScalarType. */
  static int code(DataType type) {
    return switch (type) {
      case UINT8 -> 0;
      case INT8 -> 1;
      case INT16 -> 2;
      case INT32 -> 3;
      case INT64 -> 4;
      case FLOAT16 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case COMPLEX64 -> 9;
      case BOOLEAN -> 11;
      case BFLOAT16 -> 15;
      default -> throw new IllegalArgumentException("TorchScript has no type " + type);
    };
  }
}
