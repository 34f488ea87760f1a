package io.github.diffusionhost.api.options;

import java.util.List;
import java.util.Locale;

/** The values that an option takes. */
public sealed interface OptionType {

  /** {@code true} or {@code false}. */
  record Flag() implements OptionType {}

  /** A whole number in a range, both ends included. */
  record Whole(long min, long max) implements OptionType {}

  /** A real number in a range, both ends included. */
  record Real(double min, double max) implements OptionType {}

  /** Any text, or one of {@code allowed} if that is not empty. */
  record Text(List<String> allowed) implements OptionType {}

  /** A file or folder. */
  record File() implements OptionType {}

  /** How often: {@link Cadence}; {@code plain} is what a number without a word counts. */
  record Every(Cadence.Unit plain) implements OptionType {}

  /** One of an enum's names, as written in a config. */
  record Choice(List<String> names) implements OptionType {}

  /** A list whose elements are all of one type. */
  record Many(OptionType element) implements OptionType {}

  /** Options inside options. */
  record Group(OptionsSpec<?> spec) implements OptionType {}

  /** What a person may write, for messages: {@code a whole number from 1 to 64}. */
  default String describe() {
    if (this instanceof Flag) {
      return "true or false";
    } else if (this instanceof Whole whole) {
      return "a whole number" + range(whole.min, Long.MIN_VALUE, whole.max, Long.MAX_VALUE);
    } else if (this instanceof Real real) {
      return "a number"
          + range(real.min, Double.NEGATIVE_INFINITY, real.max, Double.POSITIVE_INFINITY);
    } else if (this instanceof Text text) {
      return text.allowed.isEmpty() ? "text" : "one of " + String.join(", ", text.allowed);
    } else if (this instanceof Every every) {
      String unit = every.plain.name().toLowerCase(Locale.ROOT);
      return "a number of "
          + unit
          + ", or one with its word: 500 steps, 50_000 images, 1 epoch, 0.5 epochs";
    } else if (this instanceof File) {
      return "a path";
    } else if (this instanceof Choice choice) {
      return "one of " + String.join(", ", choice.names);
    } else if (this instanceof Many many) {
      return "a list, each element " + many.element.describe();
    }
    return "a mapping";
  }

  private static <N extends Number & Comparable<N>> String range(N min, N no, N max, N none) {
    boolean low = min.compareTo(no) > 0;
    boolean high = max.compareTo(none) < 0;
    if (low && high) {
      return " from " + min + " to " + max;
    }
    return low ? " of at least " + min : high ? " of at most " + max : "";
  }
}
