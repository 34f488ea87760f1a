package io.github.diffusionhost.plugins.imagefolder;

import java.util.Comparator;
import java.util.List;

/**
 * One image of the dataset.
 *
 * @param name as the source calls it
 * @param label its class, 0 if there are none
 */
record ImageFile(String name, int label) {
  /** Sorted by label, then by name. */
  static List<ImageFile> sorted(List<ImageFile> images) {
    return images.stream()
        .sorted(Comparator.comparingInt(ImageFile::label).thenComparing(ImageFile::name))
        .toList();
  }
}
