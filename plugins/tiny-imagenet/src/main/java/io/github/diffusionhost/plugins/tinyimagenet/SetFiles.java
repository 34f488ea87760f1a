package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The files of a set by name, relative to the folder of {@code wnids.txt} and with forward slashes.
 * Read from several threads at a time.
 */
sealed interface SetFiles extends AutoCloseable permits FolderFiles, ZipFiles {
  /** The list of classes, which every set has. */
  String CLASSES = "wnids.txt";

  /** The largest file that is read, in bytes; images have some thousands. */
  int LARGEST_FILE = 16 << 20;

  /** The folder or zip. */
  Path root();

  /** What messages call a file or folder. */
  String where(String name);

  /** Whether there is a file of this name. */
  boolean has(String name);

  /**
   * All files below a folder, sorted by name, without what file managers hide or add; none if there
   * is no such folder.
   */
  List<SetFile> below(String folder) throws IOException;

  /** The bytes of a file. */
  byte[] read(String name) throws IOException;

  @Override
  void close() throws IOException;

  /** The lines of a text file that are not blank, without the spaces around them. */
  default List<String> lines(String name) throws IOException {
    return Utf8.decode(where(name), read(name))
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** Whether no part of a name is hidden. */
  static boolean visible(String name) {
    return Stream.of(name.split("/"))
        .noneMatch(part -> part.startsWith(".") || part.equals("__MACOSX"));
  }

  /** Reads a stream whose length may be a lie. */
  static byte[] readBounded(String where, long announced, InputStream in) throws IOException {
    byte[] bytes = announced > LARGEST_FILE ? new byte[0] : in.readNBytes(LARGEST_FILE + 1);
    if (announced > LARGEST_FILE || bytes.length > LARGEST_FILE) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is larger than %d MiB, which no file of the set is; get it again",
              where,
              LARGEST_FILE >> 20));
    }
    return bytes;
  }
}
