package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.image.ArchivedFile;
import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.text.Utf8;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a set by name, relative to the folder of {@code wnids.txt} and with forward slashes.
 * Read from several threads at a time.
 *
 * @param archive the folder or zip
 * @param folder that of {@code wnids.txt}, empty or with a slash at the end
 */
record SetFiles(ImageArchive archive, String folder) implements AutoCloseable {
  /** The list of classes, which every set has. */
  static final String CLASSES = "wnids.txt";

  /** A set in a folder that holds the list of classes. */
  static SetFiles unpacked(Path root) throws IOException {
    return new SetFiles(ImageArchive.open(root), "");
  }

  /** A set in a zip, with or without a folder around it. */
  static SetFiles zipped(Path zip) throws IOException {
    ImageArchive archive = ImageArchive.open(zip);
    try {
      return new SetFiles(archive, folderOf(archive, CLASSES));
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /** The folder that holds the one file of this name. */
  private static String folderOf(ImageArchive archive, String name) throws IOException {
    List<String> found =
        archive.list("").files().stream()
            .filter(file -> file.fileName().equals(name))
            .map(ArchivedFile::name)
            .toList();
    if (found.size() != 1) {
      throw new IOException(
          "%s holds %s %s, and Tiny ImageNet's zip has one, in the folder tiny-imagenet-200; get it again"
              .formatted(archive.root(), found.isEmpty() ? "no" : found.size(), name));
    }
    return found.get(0).substring(0, found.get(0).length() - name.length());
  }

  /** The folder or zip. */
  Path root() {
    return archive.root();
  }

  /** What messages call a file or folder. */
  String where(String name) {
    return archive.where(folder + name);
  }

  /** Whether there is a file of this name. */
  boolean has(String name) {
    return archive.has(folder + name);
  }

  /** All files below a folder, sorted by name; none if there is no such folder. */
  List<ArchivedFile> below(String wanted) throws IOException {
    return archive.list(folder + wanted).files().stream()
        .map(
            file ->
                new ArchivedFile(
                    file.name().substring(folder.length()), file.bytes(), file.stamp()))
        .toList();
  }

  /** The bytes of a file. */
  byte[] read(String name) throws IOException {
    return archive.read(folder + name);
  }

  /** The lines of a text file that are not blank, without the spaces around them. */
  List<String> lines(String name) throws IOException {
    return Utf8.decode(where(name), read(name))
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }
}
