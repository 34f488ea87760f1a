package io.github.diffusionhost.engine.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder; symbolic links are followed. */
final class FolderFiles implements ImageFiles {
  private final Path root;
  private final List<String> names;

  FolderFiles(Path root) throws IOException {
    this.root = root;
    try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      this.names = ImageFiles.imagesOf(root, all.filter(Files::isRegularFile).map(this::name));
    } catch (UncheckedIOException e) {
      throw new IOException("%s cannot be listed: %s".formatted(root, e.getCause()), e.getCause());
    }
  }

  private String name(Path file) {
    return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  @Override
  public Path path() {
    return root;
  }

  @Override
  public List<String> names() {
    return names;
  }

  @Override
  public String where(String name) {
    return root.resolve(name).toString();
  }

  @Override
  public byte[] read(String name) throws IOException {
    try (InputStream in = Files.newInputStream(root.resolve(name))) {
      return ImageFiles.readBounded(where(name), in);
    }
  }

  @Override
  public void close() {}
}
