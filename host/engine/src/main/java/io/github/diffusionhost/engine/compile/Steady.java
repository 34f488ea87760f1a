package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.trace.BatchFit;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import io.github.diffusionhost.engine.trace.Recorded;
import io.github.diffusionhost.engine.trace.steady.SteadyCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What was recorded for every batch size, and the code that it stands for.
 *
 * @param trace what was recorded
 * @param code does the same whenever it runs, as far as was seen
 */
public record Steady<T>(T trace, SteadyCode code) {
  /** One recording for one number of images. */
  record Once<T>(T trace, Recorded recorded) {}

  /** Records for a number of images. */
  @FunctionalInterface
  interface Recorder<T> {
    /**
     * Records.
     *
     * @param constants the scope of the program's constants
     */
    Once<T> record(int images, NDManager constants);
  }

  /**
   * Records with each of {@link BatchFit#SIZES}, and with the first of them once more.
   *
   * @param fitted the trace for a program for every size
   * @param owners whose code it is
   * @throws NotTraceableException if there is no such program, or the code does not do the same
   *     whenever it runs; the message says which of the two
   */
  static <T> Steady<T> record(
      Recorder<T> recorder, BiFunction<T, Program, T> fitted, NDManager constants, List<?> owners) {
    List<Once<T>> all = new ArrayList<>();
    BatchFit.SIZES.forEach(size -> all.add(recorder.record(size, constants)));
    Once<T> first = all.get(0);
    SteadyCode code =
        new SteadyCode(
            scope -> recorder.record(BatchFit.SIZES.get(0), scope).recorded(),
            first.recorded(),
            constants,
            owners);
    Program program;
    try {
      program = BatchFit.ofRecorded(all.stream().map(Once::recorded).toList());
    } catch (NotTraceableException e) {
      code.requireSteady(); // or it was not the number of images, but the moment
      throw e;
    }
    code.requireSteady();
    return new Steady<>(fitted.apply(first.trace(), program), code);
  }
}
