package io.github.diffusionhost.engine.script;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.diffusionhost.engine.scope.NoGradients;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * TorchScript code that is loaded: tensor lists bound once by reference, and methods that take and
 * return tensors. Runs without gradients. For one thread at a time, for which it switches off the
 * optimizer of TorchScript: programs are straight lines, on which it would only spend time.
 */
public final class ScriptModule implements AutoCloseable {
  private final PtNDManager manager;
  private final PtSymbolBlock block;
  private long nativeNanos;

  /**
   * Loads code.
   *
   * @param code a class {@code M} as {@link ModuleText} writes it
   * @param lists the names of its tensor lists
   * @param manager the device; results go to its scope
   */
  public ScriptModule(String code, List<String> lists, NDManager manager) {
    this.manager = (PtNDManager) manager;
    JniUtils.setGraphExecutorOptimize(false);
    try {
      this.block =
          JniUtils.loadModule(
              this.manager,
              new ByteArrayInputStream(ScriptArchive.write(code, lists)),
              true,
              false);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be read", e);
    }
  }

  /** Makes a tensor list of the module refer to these arrays; no values are copied. */
  public void bind(String list, Collection<NDArray> arrays) {
    PtNDArray[] own = arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new);
    try (IValue values = IValue.listFrom(own);
        IValue none = IValueUtils.runMethod(block, "bind_" + list, values)) {
      assert none != null;
    }
  }

  /**
   * Calls a method whose parameters are tensors and tensor lists.
   *
   * @param arguments an {@link NDArray} or a list of them for each parameter
   * @return the tensors of the list that it returns, in the caller's scope
   */
  public NDList call(String method, Object... arguments) {
    try (IValue result = value(method, arguments)) {
      return result.toNDList(manager);
    }
  }

  /** Calls a method that returns nothing; parameters as in {@link #call}. */
  public void run(String method, Object... arguments) {
    value(method, arguments).close();
  }

  private IValue value(String method, Object... arguments) {
    JniUtils.setGraphExecutorOptimize(false);
    List<IValue> values = new ArrayList<>(arguments.length);
    try {
      for (Object argument : arguments) {
        values.add(value(argument));
      }
      IValue[] given = values.toArray(new IValue[0]);
      long start = System.nanoTime();
      IValue result = NoGradients.in(() -> IValueUtils.runMethod(block, method, given));
      nativeNanos += System.nanoTime() - start;
      return result;
    } finally {
      values.forEach(IValue::close);
    }
  }

  /**
   * The time spent inside the module's methods so far, in nanoseconds. A GPU may still be at work
   * when a method returns.
   */
  public long nativeNanos() {
    return nativeNanos;
  }

  /** Writes the module with its bound tensors as a TorchScript file. */
  public void save(OutputStream out) throws IOException {
    JniUtils.writeModule(block, out, false);
  }

  @Override
  public void close() {
    block.close();
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof List<?> list) {
      return IValue.listFrom(list.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    }
    throw new IllegalArgumentException("a tensor or a list of them, not " + argument);
  }
}
