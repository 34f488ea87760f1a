package io.github.diffusionhost.api.exchange;

import io.github.diffusionhost.api.text.Printable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of a config in messages. */
final class Words {
  private static final int LONGEST = 60;

  private Words() {}

  /** A value as JSON would have it, or a few words for a long one. */
  static String of(@Nullable Object value) {
    if (value instanceof String text) {
      return '"' + Printable.name(text) + '"';
    } else if (value instanceof Map) {
      return "an object";
    } else if (value instanceof List<?> list) {
      String whole = list.stream().limit(LONGEST).map(Words::of).toList().toString();
      return whole.length() > LONGEST ? "a list of " + list.size() : whole;
    }
    return String.valueOf(value);
  }
}
