package io.github.diffusionhost.engine.script;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.diffusionhost.api.metric.ScriptFunction;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A TorchScript file of anybody's, run in this process: it can do what this process can. Nothing
 * but such an archive, and none that PyTorch's parser dies of, is handed to PyTorch.
 */
public final class ScriptFile implements ScriptFunction {
  private final Path file;
  private final PtNDManager manager;
  private final PtSymbolBlock block;

  /**
   * Loads a file.
   *
   * @param manager the device; results go to its scope
   * @throws IOException if the file cannot be read or is no TorchScript
   */
  public ScriptFile(Path file, NDManager manager) throws IOException {
    ScriptBounds.check(file);
    this.file = file;
    this.manager = (PtNDManager) manager;
    JniUtils.setGraphExecutorOptimize(false);
    try {
      this.block =
          JniUtils.loadModule(this.manager, file, true, new String[0], new String[0], false);
    } catch (EngineException e) {
      throw new IOException(
          "%s cannot be loaded as TorchScript: %s".formatted(file, firstLine(e)), e);
    }
    JniUtils.enableInferenceMode(block);
  }

  @Override
  public NDArray call(NDArray x, boolean... flags) {
    JniUtils.setGraphExecutorOptimize(false);
    IValue[] arguments = new IValue[1 + flags.length];
    arguments[0] = IValue.from((PtNDArray) x);
    for (int i = 0; i < flags.length; i++) {
      arguments[1 + i] = IValue.from(flags[i]);
    }
    try (IValue result = IValueUtils.forward(block, arguments)) {
      if (!result.isTensor()) {
        throw new IllegalStateException(
            file + " returns something other than one tensor: write a forward that does");
      }
      return result.toTensor(manager);
    } catch (EngineException e) {
      throw new IllegalStateException(
          "%s cannot be called with images %s: %s".formatted(file, x.getShape(), firstLine(e)), e);
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }

  @Override
  public void close() {
    block.close();
  }

  /** The message without PyTorch's own stack. */
  private static String firstLine(EngineException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().filter(line -> !line.isBlank()).findFirst().orElse("").strip();
  }
}
