package io.github.diffusionhost.plugins.mnist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** The labels of a file. */
final class Labels {
  private Labels() {}

  /** Returns the labels if each is a digit. */
  static byte[] check(Path file, byte[] labels) throws IOException {
    int least = 255;
    int most = 0;
    int first = -1;
    for (int i = 0; i < labels.length; i++) {
      int label = Byte.toUnsignedInt(labels[i]);
      least = Math.min(least, label);
      most = Math.max(most, label);
      first = first < 0 && label > 9 ? i : first;
    }
    if (first >= 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: labels %d to %d are no digits, which go from 0 to 9 (label %d is %d): 'folder'"
                  + " needs the files of digits, not of letters or other things",
              file,
              least,
              most,
              first,
              Byte.toUnsignedInt(labels[first])));
    }
    return labels;
  }
}
