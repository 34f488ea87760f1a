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
  /** Copies the lists. */
  public Passes {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /**
   * The passes for a precision.
   *
   * @param constants the scope of the program's constants
   */
  public static Passes of(Precision precision, NDManager constants) {
    List<Pass> before = new ArrayList<>();
    if (precision == Precision.BF16) {
      before.add(new MixedPrecision());
    }
    before.addAll(List.of(new LowerAttention(), new CommonSubexpressions(), new DeadCode()));
    return new Passes(
        before,
        List.of(
            new LowerRmsNorm(),
            new LowerRotation(),
            new ConstantFolding(constants),
            new CommonSubexpressions(),
            new DeadCode(),
            new FusedArithmetic(),
            new OneDnnProducts(),
            new CommonSubexpressions()));
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
