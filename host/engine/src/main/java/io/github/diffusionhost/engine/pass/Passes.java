package io.github.diffusionhost.engine.pass;

import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.program.Program;
import java.util.ArrayList;
import java.util.List;

/**
 * The passes of a compiled program, in order.
 *
 * @param before on the forward pass
 * @param after on the whole
 */
public record Passes(List<Pass> before, List<Pass> after) {
  /** What passes a program goes through. */
  @FunctionalInterface
  public interface Choice {
    /**
     * The passes for a precision and a device.
     *
     * @param constants the scope of the program's constants, on that device
     */
    Passes of(Precision precision, NDManager constants);
  }

  /** Copies the lists. */
  public Passes {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /**
   * The passes for a precision and the device of this process.
   *
   * @param constants the scope of the program's constants, on that device
   */
  public static Passes of(Precision precision, NDManager constants) {
    return constants.getDevice().isGpu()
        ? ofGpu(precision, constants)
        : ofCpu(precision, constants);
  }

  /**
   * The passes for a GPU.
   *
   * @param constants the scope of the program's constants
   */
  public static Passes ofGpu(Precision precision, NDManager constants) {
    return of(precision, portable(constants), List.of(), List.of());
  }

  /**
   * The passes for this machine's CPU.
   *
   * @param constants the scope of the program's constants
   */
  public static Passes ofCpu(Precision precision, NDManager constants) {
    // By maker and not by a measurement: a run that goes on must round as it did before.
    List<Pass> last =
        CpuVendor.isAmd() ? List.of(new OneDnnProducts(), new CommonSubexpressions()) : List.of();
    return of(precision, portable(constants), List.of(new FusedAttention()), last);
  }

  private static Passes of(
      Precision precision, Passes portable, List<Pass> first, List<Pass> last) {
    List<Pass> before = new ArrayList<>();
    if (precision == Precision.BF16) {
      before.add(new MixedPrecision());
    }
    before.addAll(first);
    before.addAll(portable.before);
    List<Pass> after = new ArrayList<>(portable.after);
    after.addAll(last);
    return new Passes(before, after);
  }

  /**
   * The passes of a program in float32 for any device: without those that choose what one device is
   * quick at.
   *
   * @param constants the scope of the program's constants
   */
  public static Passes portable(NDManager constants) {
    return new Passes(
        List.of(new LowerAttention(), new CommonSubexpressions(), new DeadCode()),
        List.of(
            new LowerRmsNorm(),
            new LowerRotation(),
            new ConstantFolding(constants),
            new CommonSubexpressions(),
            new DeadCode(),
            new FusedArithmetic()));
  }

  /** Applies the passes on a forward pass. */
  public Program beforeGradients(Program program) {
    return apply(before, program);
  }

  /** Applies the passes on a forward pass with its gradients, or on one that needs none. */
  public Program afterGradients(Program program) {
    return apply(after, program);
  }

  private static Program apply(List<Pass> passes, Program program) {
    Program current = program;
    for (Pass pass : passes) {
      current = pass.apply(current);
    }
    return current;
  }
}
