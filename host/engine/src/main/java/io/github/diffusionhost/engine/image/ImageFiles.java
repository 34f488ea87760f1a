package io.github.diffusionhost.engine.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The PNG and JPEG files of a folder or a zip, folders inside them too, in the order of names. */
public interface ImageFiles extends AutoCloseable {
  /**
   * Opens a folder or a zip.
   *
   * @throws IOException if there is neither, it holds no images, or it holds other files too;
   *     hidden files and what file managers leave behind do not count
   */
  static ImageFiles open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new FolderFiles(path);
    } else if (Files.isRegularFile(path)) {
      return new ZippedFiles(path);
    }
    throw new IOException("%s: there is no such folder or zip of images".formatted(path));
  }

  /** The folder or zip. */
  Path path();

  /** The names of the images, with slashes between folders, sorted. */
  List<String> names();

  /** What messages call a file. */
  String where(String name);

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read; the message names it
   */
  byte[] read(String name) throws IOException;

  @Override
  void close() throws IOException;

  /** Keeps the images of all names, sorted; refuses what is none. */
  static List<String> imagesOf(Path path, Stream<String> all) throws IOException {
    List<String> images = new ArrayList<>();
    List<String> others = new ArrayList<>();
    all.filter(ImageFiles::isVisible)
        .sorted()
        .forEach(name -> (isImage(name) ? images : others).add(name));
    if (!others.isEmpty()) {
      String first = String.join(", ", others.subList(0, Math.min(3, others.size())));
      throw new IOException(
          "%s holds %d files that are no PNG or JPEG: %s%s; leave them out: move them elsewhere"
              .formatted(path, others.size(), first, others.size() > 3 ? ", …" : ""));
    } else if (images.isEmpty()) {
      throw new IOException("%s holds no images; put PNG or JPEG files there".formatted(path));
    }
    return List.copyOf(images);
  }

  /** Reads a file of a size that an image has. */
  static byte[] readBounded(String where, InputStream in) throws IOException {
    int most = 1 << 28;
    byte[] bytes = in.readNBytes(most);
    if (bytes.length == most) {
      throw new IOException("%s has more than %d MiB: it is no image".formatted(where, most >> 20));
    }
    return bytes;
  }

  private static boolean isImage(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of(".png", ".jpg", ".jpeg").anyMatch(lower::endsWith);
  }

  private static boolean isVisible(String name) {
    List<String> litter = List.of("__MACOSX", "Thumbs.db", "desktop.ini");
    return Stream.of(name.split("/"))
        .noneMatch(part -> part.startsWith(".") || litter.contains(part));
  }
}
