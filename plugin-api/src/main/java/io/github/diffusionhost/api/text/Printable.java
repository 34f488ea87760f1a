package io.github.diffusionhost.api.text;

import java.util.Locale;

/**
 * Words from elsewhere - names in files and archives, of tensors, of plugins - as a terminal, a log
 * or a table may show them. Whoever quotes such a name in a message passes it through here: control
 * characters, among them ESC and line breaks, characters that turn the direction of writing or have
 * no width, and halves of surrogate pairs are written as <code>&#92;u001b</code>.
 */
public final class Printable {
  /** So many characters of a name are shown. */
  public static final int NAME = 60;

  /** So many of a path, whose end says most: more than any file system's file name. */
  public static final int PATH = 300;

  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private Printable() {}

  /** A name on one line, at most {@value #NAME} characters of it and "…" for the rest. */
  public static String name(String text) {
    return line(text, NAME);
  }

  /** A path or the name of an entry on one line, at most {@value #PATH} characters of it. */
  public static String path(Object path) {
    return line(path.toString(), PATH);
  }

  /** Text on one line, at most so many characters of it and "…" for the rest. */
  public static String line(String text, int longest) {
    int end =
        text.codePointCount(0, text.length()) > longest
            ? text.offsetByCodePoints(0, longest)
            : text.length();
    StringBuilder line = new StringBuilder();
    text.substring(0, end).codePoints().forEach(c -> append(line, c));
    return end < text.length() ? line.append('…').toString() : line.toString();
  }

  /** A whole message: its own line breaks and tabs stay, and nothing is cut. */
  public static String message(String text) {
    if (text.codePoints().noneMatch(c -> c != '\n' && c != '\t' && isUnprintable(c))) {
      return text;
    }
    StringBuilder message = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n' || c == '\t') {
                message.append((char) c);
              } else {
                append(message, c);
              }
            });
    return message.toString();
  }

  private static void append(StringBuilder line, int c) {
    if (!isUnprintable(c)) {
      line.appendCodePoint(c);
    } else if (c > Character.MAX_VALUE) {
      line.append(String.format(Locale.ROOT, "\\U%08x", c));
    } else {
      line.append(String.format(Locale.ROOT, "\\u%04x", c));
    }
  }

  // Joiners belong to words of Persian and to emoji, and move nothing else.
  private static boolean isUnprintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      case Character.FORMAT -> c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER;
      default -> false;
    };
  }
}
