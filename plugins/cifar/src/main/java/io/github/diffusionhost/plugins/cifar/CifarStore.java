package io.github.diffusionhost.plugins.cifar;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Where the files of a set lie. */
sealed interface CifarStore permits FolderStore, ArchiveStore {
  /** The folder or archive. */
  Path path();

  /**
   * Reads files.
   *
   * @param wanted the most bytes to keep of each, by file name
   * @return those that are there, by file name
   */
  Map<String, StoredFile> read(Map<String, Integer> wanted) throws IOException;
}
