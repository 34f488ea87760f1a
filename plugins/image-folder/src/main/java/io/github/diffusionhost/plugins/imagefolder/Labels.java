package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What class an image belongs to: by {@code dataset.json} where there is one, else by the folder
 * that it lies in.
 */
final class Labels {
  private static final Logger LOG = LoggerFactory.getLogger(Labels.class);

  private final ImageArchive source;
  private final FileTree tree;
  private final @Nullable DatasetJson index;

  private Labels(ImageArchive source, FileTree tree, @Nullable DatasetJson index) {
    this.source = source;
    this.tree = tree;
    this.index = index;
  }

  /** How the images of a tree are labelled. */
  static Labels of(ImageArchive source, FileTree tree) throws IOException {
    return new Labels(source, tree, DatasetJson.of(source, tree.base()).orElse(null));
  }

  /** The names of the classes, label 0 first; none if the images have no classes. */
  List<String> classNames() throws IOException {
    return index == null
        ? folders()
        : IntStream.range(0, index.classes()).mapToObj(Integer::toString).toList();
  }

  /** The images with their labels among {@code classNames}, sorted by label, then by name. */
  List<ImageFile> images(List<String> classNames) throws IOException {
    if (classNames.isEmpty()) {
      return tree.images().stream().map(image -> new ImageFile(image, 0)).toList();
    }
    return ImageFile.sorted(
        index == null ? byFolder(classNames) : byIndex(classNames, index.labels()));
  }

  private List<String> folders() throws IOException {
    List<String> loose = tree.images().stream().filter(image -> tree.depth(image) == 1).toList();
    if (loose.size() == tree.images().size()) {
      return List.of();
    } else if (!loose.isEmpty()) {
      throw new IOException(
          "%s lies beside class folders and belongs to none; move it into one"
              .formatted(source.where(loose.get(0))));
    }
    Set<String> empty = new TreeSet<>(tree.top());
    empty.removeAll(tree.images().stream().map(tree::folderOf).collect(Collectors.toSet()));
    if (!empty.isEmpty()) {
      throw new IOException(
          "class folder %s holds no images; fill it or remove it"
              .formatted(source.where(tree.base() + empty.iterator().next())));
    }
    if (tree.top().stream().allMatch(name -> name.matches("[0-9]{5}"))
        && tree.images().stream().allMatch(name -> name.matches(".*/img[0-9]{8}\\.png"))) {
      LOG.warn(
          "{} looks like a folder of dataset_tool.py without its {}: folders are taken for classes",
          source.where(tree.base()),
          DatasetJson.NAME);
    }
    return List.copyOf(tree.top());
  }

  private List<ImageFile> byFolder(List<String> classNames) throws IOException {
    Map<String, Integer> labels =
        IntStream.range(0, classNames.size())
            .boxed()
            .collect(Collectors.toMap(classNames::get, i -> i));
    List<ImageFile> images = new ArrayList<>(tree.images().size());
    for (String image : tree.images()) {
      Integer label = labels.get(tree.folderOf(image));
      if (label == null) {
        throw new IOException(
            "%s is in no class folder of the training images (%s)"
                .formatted(source.where(image), shorten(classNames)));
      }
      images.add(new ImageFile(image, label));
    }
    return images;
  }

  private List<ImageFile> byIndex(List<String> classNames, Map<String, Integer> labels)
      throws IOException {
    List<ImageFile> images = new ArrayList<>(tree.images().size());
    for (String image : tree.images()) {
      Integer label = labels.get(image.substring(tree.base().length()));
      String json = source.where(tree.base() + DatasetJson.NAME);
      if (label == null) {
        throw new IOException(
            "%s has no label in %s; add it, or remove the image"
                .formatted(source.where(image), json));
      } else if (label >= classNames.size()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: the label of %s is %d, and the training images have classes 0 to %d",
                json,
                source.where(image),
                label,
                classNames.size() - 1));
      }
      images.add(new ImageFile(image, label));
    }
    if (labels.size() > images.size()) {
      LOG.warn(
          "{} names {} images that are not there",
          source.where(tree.base() + DatasetJson.NAME),
          labels.size() - images.size());
    }
    return images;
  }

  private static String shorten(List<String> names) {
    return names.stream().limit(5).map(Printable::name).collect(Collectors.joining(", "))
        + (names.size() > 5 ? ", …" : "");
  }
}
