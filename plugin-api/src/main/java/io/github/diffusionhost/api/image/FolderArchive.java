package io.github.diffusionhost.api.image;

import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
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

/** A folder on disk; symbolic links are followed. */
record FolderArchive(Path root) implements ImageArchive {
  /** The message for a link without a target. */
  static String leadsNowhere(Path link) {
    String target;
    try {
      target = Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      target = "?"; // that it leads nowhere is the message
    }
    return "%s is a link that leads nowhere, to %s; mend or remove it"
        .formatted(Printable.path(link), Printable.path(target));
  }

  @Override
  public ArchiveTree list(String folder) throws IOException {
    Path top = root.resolve(folder);
    Listing listing = new Listing(top);
    if (Files.isDirectory(top)) {
      Files.walkFileTree(top, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, listing);
    }
    listing.files.sort(Comparator.comparing(ArchivedFile::name));
    listing.folders.sort(Comparator.naturalOrder());
    return new ArchiveTree(listing.files, listing.folders);
  }

  private final class Listing extends SimpleFileVisitor<Path> {
    private final Path top;
    private final List<ArchivedFile> files = new ArrayList<>();
    private final List<String> folders = new ArrayList<>();

    private Listing(Path top) {
      this.top = top;
    }

    private boolean isVisible(Path path) {
      return path.equals(top) || ArchiveNames.isVisible(path.getFileName().toString());
    }

    @Override
    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
      if (!isVisible(path)) {
        return FileVisitResult.SKIP_SUBTREE;
      } else if (!path.equals(top)) {
        folders.add(nameOf(path));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
      if (!isVisible(path)) {
        return FileVisitResult.CONTINUE;
      } else if (attributes.isSymbolicLink()) {
        throw new IOException(leadsNowhere(path));
      } else if (!attributes.isRegularFile()) {
        throw new IOException(Printable.path(path) + " is neither a file nor a folder; remove it");
      }
      long time = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
      files.add(new ArchivedFile(nameOf(path), attributes.size(), time));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
      if (!isVisible(path)) {
        return FileVisitResult.CONTINUE;
      }
      String reason =
          e instanceof FileSystemLoopException
              ? Printable.path(path) + " is a link to a folder around it"
              : Printable.path(e);
      throw new IOException("%s cannot be listed: %s".formatted(Printable.path(top), reason), e);
    }
  }

  private String nameOf(Path path) {
    return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
  }

  @Override
  public boolean has(String name) {
    return Files.isRegularFile(root.resolve(name));
  }

  @Override
  public String where(String name) {
    return Printable.path(root.resolve(name));
  }

  @Override
  public byte[] read(String name) throws IOException {
    Path file = root.resolve(name);
    try (InputStream in = Files.newInputStream(file)) {
      return ImageArchive.readBounded(where(name), Files.size(file), in);
    } catch (NoSuchFileException e) {
      throw new IOException(
          Files.isSymbolicLink(file) ? leadsNowhere(file) : where(name) + " does not exist", e);
    }
  }

  @Override
  public void close() {}
}
