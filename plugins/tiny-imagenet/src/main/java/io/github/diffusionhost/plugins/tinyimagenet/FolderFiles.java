package io.github.diffusionhost.plugins.tinyimagenet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An unpacked set; symbolic links are followed. */
record FolderFiles(Path root) implements SetFiles {
  @Override
  public String where(String name) {
    return root.resolve(name).toString();
  }

  @Override
  public boolean has(String name) {
    return Files.isRegularFile(root.resolve(name));
  }

  @Override
  public List<SetFile> below(String folder) throws IOException {
    Path top = root.resolve(folder);
    List<SetFile> found = new ArrayList<>();
    if (!Files.isDirectory(top)) {
      return found;
    }
    try {
      Files.walkFileTree(
          top,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = nameOf(file);
              if (SetFiles.visible(name)) {
                long time = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
                found.add(new SetFile(name, attributes.size(), time));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException | UncheckedIOException e) {
      throw new IOException("%s cannot be listed: %s".formatted(top, e), e);
    }
    found.sort(Comparator.comparing(SetFile::name));
    return found;
  }

  private String nameOf(Path path) {
    return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
  }

  @Override
  public byte[] read(String name) throws IOException {
    Path file = root.resolve(name);
    try (InputStream in = Files.newInputStream(file)) {
      return SetFiles.readBounded(where(name), Files.size(file), in);
    } catch (NoSuchFileException e) {
      throw new IOException("%s does not exist; unpack the set again".formatted(file), e);
    }
  }

  @Override
  public void close() {}
}
