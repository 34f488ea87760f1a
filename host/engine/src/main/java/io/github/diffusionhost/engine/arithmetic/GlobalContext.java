package io.github.diffusionhost.engine.arithmetic;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;

/**
 * Settings of PyTorch that hold for the whole process and that DJL 0.35.1 has no methods for:
 * members of {@code at::Context}, called by their names in {@code libtorch_cpu} ({@code
 * ATen/Context.h} of PyTorch 2.7.1; the same in 2.11 and 2.13).
 */
public final class GlobalContext {
  private static final String SET_CUBLAS_TF32 = "_ZN2at7Context18setAllowTF32CuBLASEb";
  private static final String SET_CUDNN_TF32 = "_ZN2at7Context17setAllowTF32CuDNNEb";
  private static final String SET_DETERMINISTIC = "_ZN2at7Context21setDeterministicCuDNNEb";
  private static final String CUBLAS_TF32 = "_ZNK2at7Context15allowTF32CuBLASEv";
  private static final String DETERMINISTIC = "_ZNK2at7Context18deterministicCuDNNEv";

  private final NativeLibrary library;
  private final Pointer context;

  /**
   * That of the libtorch that this process has loaded; loads it if none is.
   *
   * @throws UnsatisfiedLinkError if it has no such settings
   */
  public GlobalContext() {
    Engine.getEngine("PyTorch");
    Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    this.library = NativeLibrary.getInstance(file.toString());
    this.context = library.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
  }

  /**
   * Whether products of float32 matrices and convolutions of float32 may round their factors to
   * TF32 (11 bits) on GPUs that have it. PyTorch by itself lets convolutions and not products.
   */
  public void allowTf32(boolean allowed) {
    set(SET_CUBLAS_TF32, allowed);
    set(SET_CUDNN_TF32, allowed);
  }

  /** What {@link #allowTf32} has last said, for products. */
  public boolean tf32() {
    return get(CUBLAS_TF32);
  }

  /**
   * Whether cuDNN takes only algorithms that give the same bits each time. PyTorch by itself lets
   * it take others.
   */
  public void deterministic(boolean wanted) {
    set(SET_DETERMINISTIC, wanted);
  }

  /** What {@link #deterministic} has last said. */
  public boolean deterministic() {
    return get(DETERMINISTIC);
  }

  private void set(String member, boolean value) {
    function(member).invokeVoid(new Object[] {context, value ? 1 : 0});
  }

  private boolean get(String member) {
    return (function(member).invokeInt(new Object[] {context}) & 0xFF) != 0;
  }

  private Function function(String member) {
    return library.getFunction(member);
  }
}
