package io.github.diffusionhost.plugins.mlflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names and values as every MLflow since 2.0 takes them, by {@code mlflow/utils/validation.py}:
 * letters, digits, {@code _ - . /} and spaces, at most 250 characters, and nothing that is another
 * name when it is read as a path.
 */
public final class Names {
  private static final int LONGEST_NAME = 250;

  /** Parameters of servers before 2.8 end here; later ones take 6000. */
  static final int LONGEST_PARAMETER = 500;

  static final int LONGEST_TAG = 5000;

  private Names() {}

  static String of(String name) {
    List<String> parts = new ArrayList<>();
    for (String part : name.replaceAll("[^\\p{L}\\p{Nd}_\\-. /]", "_").split("/", -1)) {
      boolean path = part.isEmpty() || part.equals(".") || part.equals("..");
      parts.add(path ? "_".repeat(Math.max(1, part.length())) : part);
    }
    String valid = String.join("/", parts);
    return valid.substring(0, Math.min(valid.length(), LONGEST_NAME));
  }

  /** All of them with their names as MLflow takes them, and values of at most some characters. */
  static Map<String, String> of(Map<String, String> values, int longest) {
    Map<String, String> named = new LinkedHashMap<>();
    values.forEach((name, value) -> named.put(of(name), cut(value, longest)));
    return named;
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
    return text.substring(0, end) + "…";
  }
}
