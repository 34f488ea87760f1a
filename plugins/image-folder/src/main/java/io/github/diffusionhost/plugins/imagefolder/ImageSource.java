package io.github.diffusionhost.plugins.imagefolder;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Files by name, relative to a root and with forward slashes. Read from several threads at a time.
 */
sealed interface ImageSource extends AutoCloseable permits FolderSource, ZipSource {
  /** The largest file that is read, in bytes. */
  int LARGEST_FILE = 128 << 20;

  /**
   * Opens a folder or zip; a relative path lies in the working directory or else in the data
   * folder.
   */
  static ImageSource open(Path path, Path dataFolder) throws IOException {
    Path found = Files.exists(path) ? path : dataFolder.resolve(path);
    if (Files.isDirectory(found)) {
      return new FolderSource(found);
    } else if (!Files.exists(found)) {
      throw new IOException(
          path.isAbsolute()
              ? path + " does not exist; 'path' names a folder or a .zip of images"
              : "%s is neither in the working directory (%s) nor in the data folder (%s)"
                  .formatted(path, Path.of("").toAbsolutePath(), dataFolder));
    } else if (!found.toString().toLowerCase(Locale.ROOT).endsWith(".zip")) {
      throw new IOException(found + " is neither a folder nor a .zip of images");
    }
    return new ZipSource(found);
  }

  /** The folder or zip. */
  Path root();

  /** All files, hidden ones too, in any order. */
  List<String> files();

  /** All folders that have an entry of their own, without a slash at the end. */
  List<String> folders();

  /** What messages call a file. */
  String where(String name);

  /** The bytes of a file. */
  byte[] read(String name) throws IOException;

  @Override
  void close() throws IOException;

  /** Reads a stream whose length may be a lie. */
  static byte[] readBounded(String where, long announced, InputStream in) throws IOException {
    byte[] bytes = announced > LARGEST_FILE ? new byte[0] : in.readNBytes(LARGEST_FILE + 1);
    if (announced > LARGEST_FILE || bytes.length > LARGEST_FILE) {
      throw new IOException(
          "%s is larger than %d MiB, which no image here may be; scale it down first"
              .formatted(where, LARGEST_FILE >> 20));
    }
    return bytes;
  }
}
