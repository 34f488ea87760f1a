package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.dataset.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the folders of a source mean: {@code class/image}, {@code train/class/image}, or images
 * without classes. Labels follow the sorted names of the class folders; a class folder may hold
 * folders of its own. A single folder around all of it, as zips often have, is passed over.
 *
 * @param classNames empty if the images have no classes
 * @param images sorted by label, then by name
 */
record Layout(List<String> classNames, List<ImageFile> images) {
  private static final String TRAIN = "train";
  private static final List<String> TEST = List.of("test", "val", "valid", "validation");

  static Layout of(ImageSource source, Split split) throws IOException {
    FileTree tree = unwrap(FileTree.of(source));
    if (tree.images().isEmpty()) {
      throw new IOException(source.root() + " holds no images (.png, .jpg, .jpeg)");
    }
    if (!hasSplits(source, tree)) {
      if (split == Split.TEST) {
        throw new IOException(
            "%s has no test images: put them into a folder 'test' (or 'val') beside 'train'"
                .formatted(source.root()));
      }
      return label(source, tree, classes(source, tree));
    }
    FileTree wanted = tree.below(folderOf(split, source, tree));
    boolean trained = split == Split.TEST && tree.top().contains(TRAIN);
    return label(source, wanted, classes(source, trained ? tree.below(TRAIN) : wanted));
  }

  /** The first {@code limit} images, one of each class in turn. */
  Layout limit(@Nullable Integer limit) {
    if (limit == null || limit >= images.size()) {
      return this;
    }
    TreeMap<Integer, List<ImageFile>> byLabel =
        images.stream()
            .collect(Collectors.groupingBy(ImageFile::label, TreeMap::new, Collectors.toList()));
    List<ImageFile> chosen = new ArrayList<>(limit);
    for (int turn = 0; chosen.size() < limit; turn++) {
      for (List<ImageFile> ofClass : byLabel.values()) {
        if (turn < ofClass.size() && chosen.size() < limit) {
          chosen.add(ofClass.get(turn));
        }
      }
    }
    return new Layout(classNames, sort(chosen));
  }

  private static FileTree unwrap(FileTree tree) {
    SortedSet<String> top = tree.top();
    boolean wrapped =
        top.size() == 1
            && !isSplit(top.first())
            && !tree.images().isEmpty()
            && tree.images().stream().allMatch(image -> tree.depth(image) > 2);
    return wrapped ? unwrap(tree.below(top.first())) : tree;
  }

  private static boolean isSplit(String folder) {
    return folder.equals(TRAIN) || TEST.contains(folder);
  }

  /** Whether the folders at the top are splits and not classes. */
  private static boolean hasSplits(ImageSource source, FileTree tree) throws IOException {
    Set<String> others = new TreeSet<>(tree.top());
    if (others.isEmpty() || tree.images().stream().anyMatch(image -> tree.depth(image) == 1)) {
      return false;
    }
    others.removeIf(Layout::isSplit);
    if (others.isEmpty()) {
      return true;
    }
    FileTree train = tree.below(TRAIN);
    others.retainAll(tree.images().stream().map(tree::folderOf).collect(Collectors.toSet()));
    if (train.images().stream().noneMatch(image -> train.depth(image) > 1)) {
      return false;
    } else if (others.isEmpty()) {
      return true;
    }
    throw new IOException(
        "%s has a folder 'train' of class folders and beside it images in %s; is 'train' a class?"
                .formatted(source.root(), String.join(", ", others))
            + " Keep the splits (train, test, val) alone, or the classes");
  }

  private static String folderOf(Split split, ImageSource source, FileTree tree)
      throws IOException {
    List<String> allowed = split == Split.TRAIN ? List.of(TRAIN) : TEST;
    for (String folder : allowed) {
      if (!tree.below(folder).images().isEmpty()) {
        return folder;
      }
    }
    throw new IOException(
        "%s holds %s, and no images in a folder '%s'"
            .formatted(
                source.root(), String.join(", ", tree.top()), String.join("' or '", allowed)));
  }

  /** The names of the class folders; none if the images lie in the base itself. */
  private static List<String> classes(ImageSource source, FileTree tree) throws IOException {
    List<String> loose = tree.images().stream().filter(image -> tree.depth(image) == 1).toList();
    if (loose.size() == tree.images().size()) {
      return List.of();
    } else if (!loose.isEmpty()) {
      throw new IOException(
          "%s lies beside class folders and belongs to none; move it into one"
              .formatted(source.where(loose.get(0))));
    }
    Set<String> empty = tree.top();
    empty.removeAll(tree.images().stream().map(tree::folderOf).collect(Collectors.toSet()));
    if (!empty.isEmpty()) {
      throw new IOException(
          "class folder %s holds no images; fill it or remove it"
              .formatted(source.where(tree.base() + empty.iterator().next())));
    }
    return List.copyOf(tree.top());
  }

  private static Layout label(ImageSource source, FileTree tree, List<String> classNames)
      throws IOException {
    Map<String, Integer> labels =
        IntStream.range(0, classNames.size())
            .boxed()
            .collect(Collectors.toMap(classNames::get, i -> i));
    List<ImageFile> images = new ArrayList<>(tree.images().size());
    for (String image : tree.images()) {
      Integer label = classNames.isEmpty() ? Integer.valueOf(0) : labels.get(tree.folderOf(image));
      if (label == null) {
        throw new IOException(
            "%s is in no class folder of the training images (%s)"
                .formatted(source.where(image), shorten(classNames)));
      }
      images.add(new ImageFile(image, label));
    }
    return new Layout(classNames, sort(images));
  }

  private static String shorten(List<String> names) {
    return names.stream().limit(5).collect(Collectors.joining(", "))
        + (names.size() > 5 ? ", …" : "");
  }

  private static List<ImageFile> sort(List<ImageFile> images) {
    return images.stream()
        .sorted(Comparator.comparingInt(ImageFile::label).thenComparing(ImageFile::name))
        .toList();
  }
}
