package io.github.diffusionhost.engine.trace;

import io.github.diffusionhost.engine.program.Program;
import java.util.List;

/**
 * One recording of code, as it is.
 *
 * @param program what was recorded
 * @param facts what else the code has said about it, such as the kind of each draw
 * @param places where in the code each operation was called; empty if that was not looked for
 */
public record Recorded(Program program, List<?> facts, List<String> places) {
  /** Copies the lists. */
  public Recorded {
    facts = List.copyOf(facts);
    places = List.copyOf(places);
  }
}
