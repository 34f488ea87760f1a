package io.github.diffusionhost.plugins.imagefolder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A folder on disk; symbolic links are followed. */
final class FolderSource implements ImageSource {
  private final Path root;
  private final List<String> files = new ArrayList<>();
  private final List<String> folders = new ArrayList<>();

  FolderSource(Path root) throws IOException {
    this.root = root;
    try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      all.filter(path -> !path.equals(root))
          .forEach(path -> (Files.isDirectory(path) ? folders : files).add(nameOf(path)));
    } catch (UncheckedIOException e) {
      throw new IOException("%s cannot be listed: %s".formatted(root, e.getCause()), e.getCause());
    }
  }

  private String nameOf(Path path) {
    return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public List<String> files() {
    return files;
  }

  @Override
  public List<String> folders() {
    return folders;
  }

  @Override
  public String where(String name) {
    return root.resolve(name).toString();
  }

  @Override
  public byte[] read(String name) throws IOException {
    Path file = root.resolve(name);
    try (InputStream in = Files.newInputStream(file)) {
      return ImageSource.readBounded(where(name), Files.size(file), in);
    }
  }

  @Override
  public void close() {}
}
