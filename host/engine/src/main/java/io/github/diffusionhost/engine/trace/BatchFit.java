package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * One program for every batch size, from recordings with three sizes: a size that differs between
 * them must be a linear function of the number of images.
 */
public final class BatchFit {
  /** The batch sizes to record. 1 is no example: arrays of one image broadcast. */
  public static final List<Integer> SIZES = List.of(2, 3, 5);

  private final List<Program> recorded;
  private final List<Map<Value, Value>> known;

  private BatchFit(List<Program> recorded) {
    this.recorded = recorded;
    this.known =
        IntStream.range(0, recorded.size())
            .mapToObj(i -> (Map<Value, Value>) new HashMap<Value, Value>())
            .toList();
  }

  /**
   * Fits.
   *
   * @param recorded the recordings with {@link #SIZES} images
   * @throws NotTraceableException if they differ in more than sizes
   */
  public static Program of(List<Program> recorded) {
    return new BatchFit(recorded).fit();
  }

  /** The same, of recordings whose facts must not differ either. */
  public static Program ofRecorded(List<Recorded> recorded) {
    requireSame(
        recorded.stream().map(Recorded::facts).toList(),
        "what is drawn or which weight is updated");
    return of(recorded.stream().map(Recorded::program).toList());
  }

  private Program fit() {
    List<Value> inputs = values(Program::inputs);
    Map<Value, NDArray> constants = new LinkedHashMap<>();
    List<List<Map.Entry<Value, NDArray>>> all =
        recorded.stream().map(p -> List.copyOf(p.constants().entrySet())).toList();
    requireSame(all.stream().map(List::size).toList(), "the number of constants");
    for (int i = 0; i < all.get(0).size(); i++) {
      int index = i;
      NDArray first = all.get(0).get(i).getValue();
      for (List<Map.Entry<Value, NDArray>> entries : all) {
        if (!Constants.same(entries.get(i).getValue(), first)) {
          throw differs("the values of a constant of shape " + first.getShape());
        }
      }
      constants.put(value(p -> all.get(p).get(index).getKey()), first);
    }
    requireSame(recorded.stream().map(p -> p.nodes().size()).toList(), "the number of operations");
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < recorded.get(0).nodes().size(); i++) {
      int index = i;
      nodes.add(node(recorded.stream().map(p -> p.nodes().get(index)).toList()));
    }
    requireSame(recorded.stream().map(p -> p.outputs().size()).toList(), "the number of outputs");
    List<Value> outputs =
        IntStream.range(0, recorded.get(0).outputs().size())
            .mapToObj(i -> tensor("the caller", p -> recorded.get(p).outputs().get(i)))
            .toList();
    return new Program(inputs, constants, nodes, outputs);
  }

  private List<Value> values(java.util.function.Function<Program, List<Value>> part) {
    List<List<Value>> lists = recorded.stream().map(part).toList();
    requireSame(lists.stream().map(List::size).toList(), "the number of inputs");
    return IntStream.range(0, lists.get(0).size())
        .mapToObj(i -> value(p -> lists.get(p).get(i)))
        .toList();
  }

  /** A new value for one of each recording. */
  private Value value(IntFunction<Value> of) {
    List<TensorType> types =
        IntStream.range(0, recorded.size()).mapToObj(p -> of.apply(p).type()).toList();
    requireSame(types.stream().map(TensorType::type).toList(), "a data type");
    List<Dim> shape = dims(types.stream().map(TensorType::shape).toList());
    if (shape.stream().filter(dim -> !dim.isFixed()).count() > 1) {
      throw new NotTraceableException("a tensor of shape " + shape + " is quadratic in the batch");
    }
    Value fitted = new Value(new TensorType(types.get(0).type(), shape));
    for (int p = 0; p < recorded.size(); p++) {
      known.get(p).put(of.apply(p), fitted);
    }
    return fitted;
  }

  private Node node(List<Node> same) {
    requireSame(same.stream().map(Node::op).toList(), "an operation");
    requireSame(same.stream().map(n -> n.arguments().size()).toList(), "an operation's arguments");
    requireSame(same.stream().map(n -> List.copyOf(n.named().keySet())).toList(), "arguments");
    requireSame(same.stream().map(n -> n.outputs().size()).toList(), "an operation's outputs");
    Node first = same.get(0);
    List<Argument> arguments =
        IntStream.range(0, first.arguments().size())
            .mapToObj(i -> argument(first.op(), p -> same.get(p).arguments().get(i)))
            .toList();
    Map<String, Argument> named = new LinkedHashMap<>();
    for (String name : first.named().keySet()) {
      named.put(name, argument(first.op(), p -> same.get(p).named().get(name)));
    }
    List<Value> outputs =
        IntStream.range(0, first.outputs().size())
            .mapToObj(i -> value(p -> same.get(p).outputs().get(i)))
            .toList();
    return new Node(first.op(), arguments, named, outputs);
  }

  private Argument argument(String op, IntFunction<Argument> of) {
    List<Argument> all = IntStream.range(0, recorded.size()).mapToObj(of).toList();
    requireSame(all.stream().map(Object::getClass).toList(), "an argument of " + op);
    Argument first = all.get(0);
    if (first instanceof Value) {
      return tensor(op, p -> (Value) all.get(p));
    } else if (first instanceof Argument.Values list) {
      requireSame(
          all.stream().map(a -> ((Argument.Values) a).values().size()).toList(),
          "the length of a list");
      return new Argument.Values(
          IntStream.range(0, list.values().size())
              .mapToObj(i -> tensor(op, p -> ((Argument.Values) all.get(p)).values().get(i)))
              .toList());
    } else if (first instanceof Argument.Size) {
      return new Argument.Size(dim(all.stream().map(a -> ((Argument.Size) a).dim()).toList()));
    } else if (first instanceof Argument.Sizes) {
      return new Argument.Sizes(dims(all.stream().map(a -> ((Argument.Sizes) a).dims()).toList()));
    }
    requireSame(all, "a number given to " + op);
    return first;
  }

  private Value tensor(String op, IntFunction<Value> of) {
    List<Value> fitted =
        IntStream.range(0, recorded.size()).mapToObj(p -> known.get(p).get(of.apply(p))).toList();
    requireSame(fitted, "a tensor given to " + op);
    return fitted.get(0);
  }

  private List<Dim> dims(List<List<Dim>> shapes) {
    requireSame(shapes.stream().map(List::size).toList(), "a number of dimensions");
    return IntStream.range(0, shapes.get(0).size())
        .mapToObj(i -> dim(shapes.stream().map(shape -> shape.get(i)).toList()))
        .toList();
  }

  /** The line through the first two sizes, if the others lie on it. */
  private static Dim dim(List<Dim> sizes) {
    long first = sizes.get(0).fixed();
    long slope = (sizes.get(1).fixed() - first) / (SIZES.get(1) - SIZES.get(0));
    Dim line = new Dim(slope, first - slope * SIZES.get(0));
    for (int i = 0; i < sizes.size(); i++) {
      if (line.at(SIZES.get(i)) != sizes.get(i).fixed()) {
        throw differs("a size, which is not a linear function of it,");
      }
    }
    return line;
  }

  private static void requireSame(List<?> all, String what) {
    if (!all.stream().allMatch(all.get(0)::equals)) {
      throw differs(what);
    }
  }

  private static NotTraceableException differs(String what) {
    return new NotTraceableException(
        what + " depends on the batch size, or is another one from call to call");
  }
}
