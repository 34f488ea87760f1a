package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.text.Utf8;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * The labels that NVIDIA's {@code dataset_tool.py} (StyleGAN, EDM) writes beside images, whose
 * folders 00000, 00001, … are then no classes: {@code {"labels": [["00000/img00000000.png", 3],
 * …]}}, or {@code "labels": null} for images without classes.
 *
 * @param labels by name of the image; empty if there are none
 */
record DatasetJson(Map<String, Integer> labels) {
  static final String NAME = "dataset.json";

  /**
   * The {@code dataset.json} of a folder, if it has one with labels.
   *
   * @param base the folder, empty or with a slash at the end
   */
  static Optional<DatasetJson> of(ImageArchive source, String base) throws IOException {
    String name = base + NAME;
    if (!source.has(name)) {
      return Optional.empty();
    }
    String text = Utf8.decode(source.where(name), source.read(name));
    try {
      return new LabelsParser(text).parse().map(DatasetJson::new);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be read: %s; write it anew, or move it elsewhere to take folders for classes"
              .formatted(source.where(name), e.getMessage()),
          e);
    }
  }

  /** How many classes there are: one more than the largest label. */
  int classes() {
    return labels.values().stream().mapToInt(label -> label + 1).max().orElse(0);
  }
}
