package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.text.Printable;
import io.github.diffusionhost.api.text.Utf8;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Reads the names of labels, one a line. */
final class ClassNames {
  /** Far beyond a hundred names. */
  static final int LARGEST_FILE = 1 << 16;

  private ClassNames() {}

  static List<String> parse(StoredFile file, int classes) throws IOException {
    List<String> names =
        Utf8.decode(file.where(), file.head())
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (file.size() > LARGEST_FILE || names.size() != classes) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s names %s classes, and there are %d; get it again",
              file.where(),
              file.size() > LARGEST_FILE ? "too many" : names.size(),
              classes));
    }
    Set<String> distinct = new TreeSet<>();
    for (String name : names) {
      if (!distinct.add(name)) {
        throw new IOException(
            "%s names '%s' twice; get it again".formatted(file.where(), Printable.name(name)));
      }
    }
    return names;
  }
}
