package io.github.diffusionhost.engine.trace.steady;

import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.trace.NotTraceableException;
import io.github.diffusionhost.engine.trace.Recorded;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Code that was recorded once, of which the program stands for it only as long as it does the same.
 * Whether it still does is found by recording it again.
 */
public final class SteadyCode {
  private final Recorder recorder;
  private final Recorded first;
  private final NDManager constants;
  private final List<?> owners;

  /** Records with as many images as the first time. */
  @FunctionalInterface
  public interface Recorder {
    /**
     * Records.
     *
     * @param constants the scope of the program's constants
     */
    Recorded record(NDManager constants);
  }

  /**
   * Code.
   *
   * @param recorder records it again
   * @param first what was recorded
   * @param constants the scope of its constants
   * @param owners whose code it is: their fields must not change by it
   */
  public SteadyCode(Recorder recorder, Recorded first, NDManager constants, List<?> owners) {
    this.recorder = recorder;
    this.first = first;
    this.constants = constants;
    this.owners = List.copyOf(owners);
  }

  /**
   * Checks at once that nothing depends on how often the code has run.
   *
   * @throws NotTraceableException if a field changes when it runs, or it does something else
   */
  public void requireSteady() {
    JavaState before = JavaState.of(owners);
    String difference = difference();
    String changed = before.changed(JavaState.of(owners));
    if (changed != null) {
      throw new NotTraceableException(
          changed + " when the code ran once more, and what it does may depend on that");
    } else if (difference != null) {
      throw new NotTraceableException(
          "the code does not do the same whenever it runs: " + difference);
    }
  }

  /** What the code does differently now, in words; null if it does the same. */
  public @Nullable String difference() {
    try (NDManager temporary = constants.newSubManager()) {
      return Difference.between(first, recorder.record(temporary));
    } catch (NotTraceableException e) {
      return "it cannot be recorded any more: " + e.getMessage();
    }
  }
}
