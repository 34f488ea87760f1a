package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.image.ArchiveTree;
import io.github.diffusionhost.api.image.ArchivedFile;
import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the folders of a source mean: {@code class/image}, {@code train/class/image}, images without
 * classes, or a {@code dataset.json} that says the classes of images in any folders. Labels follow
 * the sorted names of the class folders; a class folder may hold folders of its own. A single
 * folder around all of it, as zips often have, is passed over.
 *
 * @param classNames empty if the images have no classes
 * @param images sorted by label, then by name
 */
record Layout(List<String> classNames, List<ImageFile> images) {
  private static final Logger LOG = LoggerFactory.getLogger(Layout.class);
  private static final Pattern OTHERS =
      Pattern.compile(
          "\\.(webp|jpe|jfif|gif|bmp|tiff?|avif|heic|jp2|jxl)$", Pattern.CASE_INSENSITIVE);

  static Layout of(ImageArchive source, Split split) throws IOException {
    ArchiveTree files = source.list("");
    warnOfOthers(source, files);
    FileTree tree = unwrap(source, FileTree.of(files));
    if (tree.images().isEmpty()) {
      throw new IOException(source.root() + " holds no images (.png, .jpg, .jpeg)");
    }
    SplitFolders splits = SplitFolders.of(tree.top());
    if (!areSplits(source, tree, splits)) {
      if (split == Split.TEST) {
        throw new IOException(
            "%s has no test images: put them into a folder 'test' (or 'val') beside 'train'"
                .formatted(source.root()));
      }
      requireClasses(source, tree);
      Labels labels = Labels.of(source, tree);
      List<String> classNames = labels.classNames();
      return new Layout(classNames, labels.images(classNames));
    }
    Labels wanted = Labels.of(source, part(source, tree, splits, split));
    boolean trained = split == Split.TEST && !splits.train().isEmpty();
    Labels known = trained ? Labels.of(source, part(source, tree, splits, Split.TRAIN)) : wanted;
    List<String> classNames = known.classNames();
    return new Layout(classNames, wanted.images(classNames));
  }

  /** Images that nobody reads are left out, which a smaller number of images does not say. */
  private static void warnOfOthers(ImageArchive source, ArchiveTree files) {
    List<String> others =
        files.files().stream()
            .map(ArchivedFile::name)
            .filter(name -> OTHERS.matcher(name).find())
            .toList();
    if (!others.isEmpty()) {
      LOG.warn(
          "{}: {} files of formats that are not read are left out, such as {}; PNG and JPEG (.png, .jpg, .jpeg) are read",
          source.root(),
          others.size(),
          Printable.name(others.get(0)));
    }
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
    return new Layout(classNames, ImageFile.sorted(chosen));
  }

  private static FileTree unwrap(ImageArchive source, FileTree tree) {
    SortedSet<String> top = tree.top();
    boolean wrapped =
        top.size() == 1
            && SplitFolders.of(top).isEmpty()
            && !source.has(tree.base() + DatasetJson.NAME)
            && !tree.images().isEmpty()
            && tree.images().stream().allMatch(image -> tree.depth(image) > 2);
    return wrapped ? unwrap(source, tree.below(top.first())) : tree;
  }

  /** A folder with training and test images is a dataset, and no class. */
  private static void requireClasses(ImageArchive source, FileTree tree) throws IOException {
    for (String folder : tree.top()) {
      SplitFolders splits = SplitFolders.of(tree.below(folder).top());
      if (!splits.train().isEmpty() && !splits.test().isEmpty()) {
        throw new IOException(
            "%s/%s has folders %s and %s, as a dataset of its own; name that folder, or keep its training images alone"
                .formatted(
                    source.root(),
                    Printable.name(tree.base() + folder),
                    Printable.name(splits.train().get(0)),
                    Printable.name(splits.test().get(0))));
      }
    }
  }

  /** Whether the folders at the top are splits and not classes. */
  private static boolean areSplits(ImageArchive source, FileTree tree, SplitFolders splits)
      throws IOException {
    Set<String> others = new TreeSet<>(tree.top());
    if (others.isEmpty()
        || source.has(tree.base() + DatasetJson.NAME)
        || tree.images().stream().anyMatch(image -> tree.depth(image) == 1)) {
      return false;
    }
    others.removeIf(splits::has);
    if (others.isEmpty()) {
      return true;
    }
    others.retainAll(tree.images().stream().map(tree::folderOf).collect(Collectors.toSet()));
    Optional<String> nested =
        splits.train().stream().filter(folder -> holdsFolders(tree.below(folder))).findFirst();
    if (nested.isEmpty() || others.isEmpty()) {
      return nested.isPresent();
    }
    throw new IOException(
        "%s has a folder '%s' of class folders and beside it images in %s; is '%2$s' a class?"
                .formatted(source.root(), Printable.name(nested.get()), printable(others))
            + " Keep the splits (train, test, val) alone, or the classes");
  }

  private static String printable(Collection<String> names) {
    return names.stream().limit(10).map(Printable::name).collect(Collectors.joining(", "))
        + (names.size() > 10 ? ", …" : "");
  }

  private static boolean holdsFolders(FileTree tree) {
    return tree.images().stream().anyMatch(image -> tree.depth(image) > 1);
  }

  /** The images of a split; a folder inside that is called as it is, is passed over. */
  private static FileTree part(ImageArchive source, FileTree tree, SplitFolders splits, Split split)
      throws IOException {
    List<String> folders =
        splits.of(split).stream().filter(name -> !tree.below(name).images().isEmpty()).toList();
    if (folders.isEmpty()) {
      throw new IOException(
          "%s holds %s, and no images in a folder %s"
              .formatted(
                  source.root(),
                  printable(tree.top()),
                  split == Split.TRAIN ? "'train'" : "'test' or 'val'"));
    } else if (split == Split.TRAIN && folders.size() > 1) {
      throw new IOException(
          "%s holds training images in %s, and which of these is meant is not known; keep one"
              .formatted(
                  source.root(),
                  folders.stream().map(Printable::name).collect(Collectors.joining(" and "))));
    }
    FileTree part = tree.below(folders.get(0));
    boolean twice = part.top().equals(Set.of(folders.get(0))) && holdsFolders(part);
    return twice ? part.below(folders.get(0)) : part;
  }
}
