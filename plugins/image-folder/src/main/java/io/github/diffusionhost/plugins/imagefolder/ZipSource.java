package io.github.diffusionhost.plugins.imagefolder;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A zip, read in place. */
final class ZipSource implements ImageSource {
  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:");

  private final Path root;
  private final ZipFile zip;

  ZipSource(Path root) throws IOException {
    this.root = root;
    try {
      zip = new ZipFile(root.toFile());
    } catch (ZipException e) {
      throw new IOException(
          "%s is not a zip, or a damaged or truncated one (%s); get it again"
              .formatted(root, e.getMessage()),
          e);
    }
    try {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        requireInside(entry.getName());
      }
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  /** Nothing is ever unpacked; but whoever wrote such a name meant to write elsewhere. */
  private void requireInside(String name) throws IOException {
    boolean outside =
        name.startsWith("/")
            || name.startsWith("\\")
            || DRIVE.matcher(name).find()
            || Stream.of(name.split("[/\\\\]")).anyMatch(".."::equals);
    if (outside) {
      throw new IOException(
          "%s has an entry that points outside, '%s'; get the zip from somebody you trust, or zip"
                  .formatted(root, name)
              + " the images anew");
    }
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public List<String> files() {
    return zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
  }

  @Override
  public List<String> folders() {
    return zip.stream()
        .filter(ZipEntry::isDirectory)
        .map(entry -> entry.getName().substring(0, entry.getName().length() - 1))
        .toList();
  }

  @Override
  public String where(String name) {
    return root + "!" + name;
  }

  @Override
  public byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    try (InputStream in = zip.getInputStream(entry)) {
      return ImageSource.readBounded(where(name), entry.getSize(), in);
    } catch (ZipException | EOFException e) {
      throw new IOException(
          "%s cannot be unpacked (%s); get the zip again".formatted(where(name), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
