package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.ProgramBuilder;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run on recording arrays. For one thread. */
public final class Recording {
  /** What DJL says of an array that was closed. */
  private static final String RELEASED = "has been released already";

  private final ProgramBuilder program = new ProgramBuilder();
  private final NDManager constants;
  private final NDManager manager;
  private final IdentityHashMap<NDArray, Traced> known = new IdentityHashMap<>();
  private final List<String> places = new ArrayList<>();

  /**
   * Starts.
   *
   * @param constants the scope of the program's constants, on the device of the run
   */
  public Recording(NDManager constants) {
    this.constants = constants;
    this.manager = ManagerCalls.proxy(this, constants);
  }

  /**
   * Runs code on recording arrays.
   *
   * @throws NotTraceableException also where DJL's native code is given one of them
   */
  public <T> T run(Supplier<T> code) {
    try {
      return code.get();
    } catch (IllegalStateException e) {
      if (!String.valueOf(e.getMessage()).contains(RELEASED)) {
        throw e;
      }
      throw new NotTraceableException(
          "an array that is closed, or that an earlier call has made is used again: code keeps none"
              + " from call to call, at "
              + e.getStackTrace()[0]);
    } catch (ClassCastException | ArrayStoreException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.contains("$Proxy") && !message.contains("PtNDArray")) {
        throw e;
      }
      throw new NotTraceableException(
          "an ordinary array computes with a recorded one: call the recorded array's method"
              + " instead, at "
              + e.getStackTrace()[0]);
    }
  }

  /** An input with an example of its values. */
  public NDArray input(NDArray example) {
    return proxy(example, program.input(TensorType.of(example)), Storage.fixed());
  }

  /**
   * An input that refers to an array that is there already, such as a parameter. The same array is
   * the same input.
   */
  public NDArray reference(NDArray array) {
    return known
        .computeIfAbsent(
            array, key -> traced(key, program.input(TensorType.of(key)), Storage.fixed()))
        .proxy();
  }

  /** The tensor behind a recording array. */
  public Value value(NDArray array) {
    return traced(array).value();
  }

  /** The program that returns these arrays. */
  public Program finish(List<NDArray> outputs) {
    return program.build(outputs.stream().map(this::value).toList());
  }

  /**
   * The same, with where each operation was called.
   *
   * @param facts what else the code has said about it
   */
  public Recorded recorded(Program finished, List<?> facts) {
    return new Recorded(finished, facts, places);
  }

  NDManager manager() {
    return manager;
  }

  NDManager realManager() {
    return constants;
  }

  /** The recording side of an array; an ordinary array becomes a constant. */
  Traced traced(NDArray array) {
    Traced traced = Traced.of(array);
    if (traced != null) {
      if (traced.recording() != this) {
        throw new NotTraceableException(
            "an array of shape %s that an earlier call has made is used again: code keeps none from call to call"
                .formatted(traced.real().getShape()));
      }
      traced.requireCurrent();
      return traced;
    }
    return known.computeIfAbsent(array, key -> traced(key, constant(key), Storage.fixed()));
  }

  private Value constant(NDArray array) {
    NDArray copy = array.duplicate();
    NDScope.unregister(copy);
    copy.attach(constants);
    return program.constant(copy);
  }

  /** The new array that a real operation made, recorded as one operator. */
  NDArray record(String op, NDArray real, Argument... arguments) {
    return record(op, real, Map.of(), arguments);
  }

  NDArray record(String op, NDArray real, Map<String, Argument> named, Argument... arguments) {
    return proxy(real, add(op, TensorType.of(real), named, arguments), Storage.fresh());
  }

  /** The same for an operator that returns a view of {@code of}. */
  NDArray recordView(String op, Traced of, NDArray real, Argument... arguments) {
    return proxy(real, add(op, TensorType.of(real), arguments), of.storage());
  }

  Value add(String op, TensorType type, Argument... arguments) {
    places.add(Place.ofCaller());
    return program.add(op, type, arguments);
  }

  Value add(String op, TensorType type, Map<String, Argument> named, Argument... arguments) {
    places.add(Place.ofCaller());
    return program.add(op, type, named, arguments);
  }

  List<Value> add(String op, List<TensorType> types, Argument... arguments) {
    places.add(Place.ofCaller());
    return program.add(op, types, Map.of(), arguments);
  }

  NDArray proxy(NDArray real, Value value, Storage storage) {
    return traced(real, value, storage).proxy();
  }

  private Traced traced(NDArray real, Value value, Storage storage) {
    return new Traced(this, real, value, storage);
  }

  /** The real array behind any array. */
  static NDArray real(NDArray array) {
    Traced traced = Traced.of(array);
    return traced == null ? array : traced.real();
  }

  /** The arguments of a call with real arrays in place of recording ones. */
  static @Nullable Object unwrapped(@Nullable Object argument) {
    if (argument instanceof NDArray array) {
      return real(array);
    } else if (argument instanceof ai.djl.ndarray.NDList list) {
      ai.djl.ndarray.NDList reals = new ai.djl.ndarray.NDList(list.size());
      list.forEach(array -> reals.add(real(array)));
      return reals;
    } else if (argument instanceof NDManager m
        && Proxy.isProxyClass(m.getClass())
        && Proxy.getInvocationHandler(m) instanceof ManagerCalls calls) {
      return calls.real();
    }
    return argument;
  }
}
