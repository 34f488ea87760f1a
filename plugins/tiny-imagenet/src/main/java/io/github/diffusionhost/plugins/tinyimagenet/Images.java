package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.image.ArchivedFile;
import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of a split and their labels: one of each class in turn, those of a class by name, so
 * that the first so many are spread over all classes.
 */
record Images(List<Image> list) {
  /**
   * An image.
   *
   * @param file where its JPEG is
   * @param label the place of its class among all
   */
  record Image(ArchivedFile file, int label) {}

  private static final Logger LOG = LoggerFactory.getLogger(Images.class);

  /**
   * What a split consists of, checked.
   *
   * @throws IOException if classes, files and annotations do not fit together
   */
  static Images of(SetFiles files, Classes classes, Split split) throws IOException {
    List<Image> images =
        split == Split.TRAIN ? training(files, classes) : validation(files, classes);
    int published = split == Split.TRAIN ? 100_000 : 10_000;
    if (images.size() != published) {
      LOG.warn(
          "{} is not Tiny ImageNet as published: {} of its {} {} images",
          files.root(),
          images.size(),
          published,
          split == Split.TRAIN ? "training" : "validation");
    }
    return new Images(inTurn(images));
  }

  /** The first {@code limit} images; all if there is no limit or there are fewer. */
  Images limit(@Nullable Integer limit) {
    return limit == null || limit >= list.size() ? this : new Images(list.subList(0, limit));
  }

  /** {@code train/<id>/images/<id>_0.JPEG}; folders inside a class may be called otherwise. */
  private static List<Image> training(SetFiles files, Classes classes) throws IOException {
    List<Image> images = new ArrayList<>();
    boolean[] seen = new boolean[classes.ids().size()];
    for (ArchivedFile file : jpegs(files, "train")) {
      String[] parts = file.name().split("/");
      int label = parts.length < 3 ? -1 : classes.label(parts[1]);
      if (label < 0) {
        throw new IOException(
            "%s is in no class folder of those that %s names; remove it, or unpack the set again"
                .formatted(files.where(file.name()), SetFiles.CLASSES));
      }
      seen[label] = true;
      images.add(new Image(file, label));
    }
    for (int label = 0; label < seen.length; label++) {
      if (!seen[label]) {
        throw new IOException(
            "%s holds no images, and %s names that class; unpack the set again"
                .formatted(files.where("train/" + classes.ids().get(label)), SetFiles.CLASSES));
      }
    }
    return images;
  }

  private static List<Image> validation(SetFiles files, Classes classes) throws IOException {
    Map<String, Integer> labels = new TreeMap<>(Annotations.read(files, classes));
    List<Image> images = new ArrayList<>();
    for (ArchivedFile file : jpegs(files, Annotations.IMAGES)) {
      Integer label = labels.remove(file.fileName());
      if (label == null) {
        throw new IOException(
            "%s has no line in %s; unpack the set again"
                .formatted(files.where(file.name()), Annotations.FILE));
      }
      images.add(new Image(file, label));
    }
    if (!labels.isEmpty()) {
      throw new IOException(
          "%s names %s, which is not in %s; unpack the set again"
              .formatted(
                  files.where(Annotations.FILE),
                  Printable.name(labels.keySet().iterator().next()),
                  files.where(Annotations.IMAGES)));
    }
    return images;
  }

  private static List<ArchivedFile> jpegs(SetFiles files, String folder) throws IOException {
    List<ArchivedFile> jpegs = files.below(folder).stream().filter(Images::isJpeg).toList();
    if (jpegs.isEmpty()) {
      throw new IOException(
          "%s holds no images (.JPEG); unpack the set again".formatted(files.where(folder)));
    }
    return jpegs;
  }

  private static boolean isJpeg(ArchivedFile file) {
    String lower = file.name().toLowerCase(Locale.ROOT);
    return lower.endsWith(".jpeg") || lower.endsWith(".jpg");
  }

  private static List<Image> inTurn(List<Image> images) {
    TreeMap<Integer, List<Image>> byLabel =
        images.stream()
            .collect(Collectors.groupingBy(Image::label, TreeMap::new, Collectors.toList()));
    List<Image> ordered = new ArrayList<>(images.size());
    for (int turn = 0; ordered.size() < images.size(); turn++) {
      for (List<Image> ofClass : byLabel.values()) {
        if (turn < ofClass.size()) {
          ordered.add(ofClass.get(turn));
        }
      }
    }
    return ordered;
  }
}
