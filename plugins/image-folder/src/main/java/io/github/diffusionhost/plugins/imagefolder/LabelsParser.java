package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code "labels"} out of a JSON object (RFC 8259); other members are passed over. */
final class LabelsParser {
  private static final int MOST_CLASSES = 1_000_000;

  private final String text;
  private int at;

  LabelsParser(String text) {
    this.text = text;
  }

  /** The labels by name: none if they are null; empty if the object has no such member. */
  Optional<Map<String, Integer>> parse() throws IOException {
    Optional<Map<String, Integer>> labels = Optional.empty();
    expect('{');
    for (boolean more = !next('}'); more; more = more('}')) {
      String member = string();
      expect(':');
      if (member.equals("labels")) {
        labels = Optional.of(peek() == 'n' ? none() : labels());
      } else {
        skip();
      }
    }
    return labels;
  }

  private Map<String, Integer> none() throws IOException {
    if (!text.startsWith("null", at)) {
      throw broken();
    }
    at += 4;
    return Map.of();
  }

  private Map<String, Integer> labels() throws IOException {
    Map<String, Integer> labels = new HashMap<>();
    expect('[');
    for (boolean more = !next(']'); more; more = more(']')) {
      expect('[');
      String name = string().replace('\\', '/');
      expect(',');
      int label = label(name);
      expect(']');
      if (labels.put(name, label) != null) {
        throw new IOException("it names %s twice".formatted(Printable.path(name)));
      }
    }
    return labels;
  }

  private int label(String name) throws IOException {
    if (peek() == '[') {
      throw new IOException(
          "the label of %s is a list of numbers, and only classes can be learnt here"
              .formatted(Printable.path(name)));
    }
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    if (!number.matches("[0-9]{1,7}") || Integer.parseInt(number) >= MOST_CLASSES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the label of %s is %s, and labels are whole numbers from 0 to %d",
              Printable.path(name),
              number.isEmpty() ? "no number" : Printable.name(number),
              MOST_CLASSES - 1));
    }
    return Integer.parseInt(number);
  }

  /** Passes over a value: strings may hold brackets, everything else only opens and closes. */
  private void skip() throws IOException {
    int depth = 0;
    do {
      char c = peek();
      if (c == '"') {
        string();
      } else {
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        at++;
      }
    } while (depth > 0 || (peek() != ',' && peek() != '}'));
  }

  private String string() throws IOException {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (true) {
      char c = character();
      if (c == '"') {
        return string.toString();
      }
      string.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() throws IOException {
    char c = character();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(character(), 16);
          if (digit < 0) {
            throw broken();
          }
          value = 16 * value + digit;
        }
        yield (char) value;
      }
      default -> throw broken();
    };
  }

  /** Whether another value follows a comma; else the end is read. */
  private boolean more(char end) throws IOException {
    if (next(',')) {
      return true;
    }
    expect(end);
    return false;
  }

  private boolean next(char wanted) throws IOException {
    boolean found = peek() == wanted;
    at += found ? 1 : 0;
    return found;
  }

  private void expect(char wanted) throws IOException {
    if (!next(wanted)) {
      throw broken();
    }
  }

  private char peek() throws IOException {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (at == text.length()) {
      throw new IOException("it breaks off");
    }
    return text.charAt(at);
  }

  private char character() throws IOException {
    if (at == text.length()) {
      throw new IOException("it breaks off");
    }
    return text.charAt(at++);
  }

  private IOException broken() {
    return new IOException("it is not JSON as dataset_tool.py writes it, at character " + at);
  }
}
