package io.github.diffusionhost.engine.trace.steady;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.Constants;
import io.github.diffusionhost.engine.trace.Recorded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is not the same, to the bit, in two recordings of one piece of code. */
final class Difference {
  private final Recorded before;
  private final Recorded now;
  private final Map<Value, Value> known = new HashMap<>();
  private String place = "";

  private Difference(Recorded before, Recorded now) {
    this.before = before;
    this.now = now;
  }

  /** The first difference, in words; null if there is none. */
  static @Nullable String between(Recorded before, Recorded now) {
    return new Difference(before, now).first();
  }

  private @Nullable String first() {
    List<Node> nodes = before.program().nodes();
    List<Node> others = now.program().nodes();
    pairInputs();
    String found = null;
    for (int i = 0; i < Math.min(nodes.size(), others.size()) && found == null; i++) {
      place = i < now.places().size() ? " at " + now.places().get(i) : "";
      found = node(nodes.get(i), others.get(i));
    }
    if (found == null && nodes.size() != others.size()) {
      return "there were " + nodes.size() + " operations and are " + others.size();
    } else if (found == null && !before.facts().equals(now.facts())) {
      return "what is drawn, or which weights are updated, was %s and is %s"
          .formatted(before.facts(), now.facts());
    }
    place = "";
    return found == null
        ? list(before.program().outputs(), now.program().outputs(), "returned")
        : found;
  }

  /** By their places. One that the other recording lacks is noticed where it is used. */
  private void pairInputs() {
    List<Value> inputs = before.program().inputs();
    List<Value> others = now.program().inputs();
    for (int i = 0; i < Math.min(inputs.size(), others.size()); i++) {
      known.put(inputs.get(i), others.get(i));
    }
  }

  private @Nullable String node(Node node, Node other) {
    if (!node.op().equals(other.op())) {
      return "an operation%s was %s and is %s".formatted(place, name(node), name(other));
    }
    List<Argument> arguments = new ArrayList<>(node.arguments());
    arguments.addAll(node.named().values());
    List<Argument> others = new ArrayList<>(other.arguments());
    others.addAll(other.named().values());
    String given = "given to " + name(node) + place;
    if (arguments.size() != others.size()
        || !List.copyOf(node.named().keySet()).equals(List.copyOf(other.named().keySet()))
        || node.outputs().size() != other.outputs().size()) {
      return "what is " + given + " is another number of arguments";
    }
    for (int i = 0; i < arguments.size(); i++) {
      String found = argument(arguments.get(i), others.get(i), given);
      if (found != null) {
        return found;
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Value one = node.outputs().get(i);
      Value two = other.outputs().get(i);
      if (!one.type().equals(two.type())) {
        return "the result of %s%s was %s and is %s"
            .formatted(name(node), place, one.type(), two.type());
      }
      known.put(one, two);
    }
    return null;
  }

  private @Nullable String argument(Argument one, Argument two, String given) {
    if (one instanceof Value a && two instanceof Value b) {
      return tensor(a, b, given);
    } else if (one instanceof Argument.Values a && two instanceof Argument.Values b) {
      return list(a.values(), b.values(), given);
    }
    return one.equals(two)
        ? null
        : "the %s %s was %s and is %s".formatted(kind(one), given, words(one), words(two));
  }

  private @Nullable String list(List<Value> some, List<Value> others, String given) {
    if (some.size() != others.size()) {
      return "the tensors " + given + " were " + some.size() + " and are " + others.size();
    }
    String found = null;
    for (int i = 0; i < some.size() && found == null; i++) {
      found = tensor(some.get(i), others.get(i), given);
    }
    return found;
  }

  private @Nullable String tensor(Value one, Value two, String given) {
    NDArray constant = before.program().constants().get(one);
    NDArray other = now.program().constants().get(two);
    if (constant != null && other != null && !known.containsKey(one)) {
      if (!Constants.same(constant, other)) {
        return "the numbers of an array of shape %s %s are others"
            .formatted(constant.getShape(), given);
      }
      known.put(one, two);
    }
    return two.equals(known.get(one)) ? null : "a tensor %s is another one".formatted(given);
  }

  private static String name(Node node) {
    return node.op().substring(node.op().indexOf("::") + 2);
  }

  private static String kind(Argument argument) {
    return argument instanceof Argument.Size || argument instanceof Argument.Real
        ? "number"
        : "argument";
  }

  private static String words(Argument argument) {
    if (argument instanceof Argument.Size size) {
      return size.dim().toString();
    } else if (argument instanceof Argument.Sizes sizes) {
      return sizes.dims().toString();
    } else if (argument instanceof Argument.Real real) {
      return Double.toString(real.value());
    }
    return argument.toString();
  }
}
