package io.github.diffusionhost.plugins.mnist;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** The labels of a file. */
final class Labels {
  private Labels() {}

  /** Returns the labels if each is a digit. */
  static byte[] check(Path file, byte[] labels) throws IOException {
    for (int i = 0; i < labels.length; i++) {
      int label = Byte.toUnsignedInt(labels[i]);
      if (label > 9) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: label %d is %d, and a digit's is 0 to 9; get the file again",
                file,
                i,
                label));
      }
    }
    return labels;
  }
}
