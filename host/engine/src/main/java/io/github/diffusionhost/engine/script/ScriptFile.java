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
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A TorchScript file of anybody's. Nothing but such an archive is handed to PyTorch. */
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
    check(file);
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

  /** PyTorch would take a plain pickle for an archive of an older kind and say little. */
  private static void check(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file + ": there is no such file");
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.stream().noneMatch(entry -> entry.getName().contains("/code/"))) {
        throw new IOException(
            file + " holds no code: save the network with torch.jit.save, not torch.save");
      }
    } catch (ZipException e) {
      throw new IOException(
          file + " is no TorchScript file: save the network with torch.jit.save", e);
    }
  }

  /** The message without PyTorch's own stack. */
  private static String firstLine(EngineException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().filter(line -> !line.isBlank()).findFirst().orElse("").strip();
  }
}
