package io.github.diffusionhost.engine.pass;

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
  private static final Passes PORTABLE =
      new Passes(
          List.of(new LowerAttention(), new CommonSubexpressions(), new DeadCode()),
          List.of(
              new LowerRmsNorm(),
              new LowerRotation(),
              new CommonSubexpressions(),
              new DeadCode(),
              new FusedArithmetic()));

  /** Copies the lists. */
  public Passes {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /** The passes for a precision. */
  public static Passes of(Precision precision) {
    List<Pass> before = new ArrayList<>();
    if (precision == Precision.BF16) {
      before.add(new MixedPrecision());
    }
    before.addAll(PORTABLE.before);
    List<Pass> after = new ArrayList<>(PORTABLE.after);
    after.addAll(List.of(new OneDnnProducts(), new CommonSubexpressions()));
    return new Passes(before, after);
  }

  /**
   * The passes of a program in float32 for any device: without those that choose what one device is
   * quick at.
   */
  public static Passes portable() {
    return PORTABLE;
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
