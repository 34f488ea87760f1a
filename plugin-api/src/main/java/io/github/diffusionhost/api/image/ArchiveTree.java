package io.github.diffusionhost.api.image;

import java.util.List;

/**
 * What lies below a folder of an {@link ImageArchive}, without what {@link ArchiveNames#isVisible}
 * leaves out.
 *
 * @param files all files, those of inner folders too, sorted by name
 * @param folders the names of all folders that have an entry of their own, sorted; a zip may hold
 *     files in folders that have none
 */
public record ArchiveTree(List<ArchivedFile> files, List<String> folders) {
  /** Copies the lists. */
  public ArchiveTree {
    files = List.copyOf(files);
    folders = List.copyOf(folders);
  }
}
