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
    Passes portable = portable(constants);
    List<Pass> before = new ArrayList<>();
    if (precision == Precision.BF16) {
      before.add(new MixedPrecision());
    }
    boolean cpu = !constants.getDevice().isGpu();
    if (cpu) {
      before.add(new FusedAttention());
    }
    before.addAll(portable.before);
    List<Pass> after = new ArrayList<>(portable.after);
    // By maker and not by a measurement: a run that goes on must round as it did before.
    if (cpu && CpuVendor.isAmd()) {
      after.addAll(List.of(new OneDnnProducts(), new CommonSubexpressions()));
    }
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
