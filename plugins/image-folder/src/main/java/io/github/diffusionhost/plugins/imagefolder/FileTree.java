package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.image.ArchiveNames;
import io.github.diffusionhost.api.image.ArchiveTree;
import io.github.diffusionhost.api.image.ArchivedFile;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The images below one folder of a source.
 *
 * @param base the folder, empty or with a slash at the end
 * @param images full names of the images below it, sorted
 * @param folders full names of the folders below it
 */
record FileTree(String base, List<String> images, List<String> folders) {
  static FileTree of(ArchiveTree tree) {
    return new FileTree(
        "",
        tree.files().stream().map(ArchivedFile::name).filter(ArchiveNames::isImage).toList(),
        tree.folders());
  }

  /** The part below one of its folders. */
  FileTree below(String folder) {
    String deeper = base + folder + "/";
    return new FileTree(
        deeper,
        images.stream().filter(name -> name.startsWith(deeper)).toList(),
        folders.stream().filter(name -> name.startsWith(deeper)).toList());
  }

  /** The names of the folders directly in the base, empty ones too. */
  SortedSet<String> top() {
    SortedSet<String> names = new TreeSet<>();
    folders.forEach(name -> names.add(parts(name)[0]));
    images.stream().filter(name -> depth(name) > 1).forEach(name -> names.add(parts(name)[0]));
    return names;
  }

  /** The folder directly in the base that an image lies in. */
  String folderOf(String image) {
    return parts(image)[0];
  }

  /** 1 for an image directly in the base, 2 for one in a folder of it, and so on. */
  int depth(String image) {
    return parts(image).length;
  }

  private String[] parts(String name) {
    return name.substring(base.length()).split("/");
  }
}
