package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads {@code val_annotations.txt}: a line for each image, its file name, the id of its class and
 * four corners of a box, with tabs between.
 */
final class Annotations {
  static final String FILE = "val/val_annotations.txt";
  static final String IMAGES = "val/images";

  private Annotations() {}

  /** The label of each image, by file name. */
  static Map<String, Integer> read(SetFiles files, Classes classes) throws IOException {
    if (!files.has(FILE)) {
      throw new IOException(
          "%s does not exist, and it says what the images of the test split are; unpack the set again"
              .formatted(files.where(FILE)));
    }
    Map<String, Integer> labels = new HashMap<>();
    List<String> lines = files.lines(FILE);
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).split("\t");
      if (parts.length < 2) {
        throw fault(files, i, "is no file name, tab and class");
      }
      int label = classes.label(parts[1]);
      if (label < 0) {
        throw fault(
            files,
            i,
            "has class %s, which %s does not name"
                .formatted(Printable.name(parts[1]), SetFiles.CLASSES));
      }
      if (labels.put(parts[0], label) != null) {
        throw fault(files, i, "names %s a second time".formatted(Printable.name(parts[0])));
      }
    }
    return labels;
  }

  private static IOException fault(SetFiles files, int line, String what) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s: line %d %s; unpack the set again",
            files.where(FILE),
            line + 1,
            what));
  }
}
