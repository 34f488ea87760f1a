package io.github.diffusionhost.plugins.tinyimagenet;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A set in a zip, with or without a folder around it. Read in place: nothing is unpacked, whatever
 * an entry is called.
 */
final class ZipFiles implements SetFiles {
  private final Path root;
  private final ZipFile zip;
  private final String folder;

  ZipFiles(Path root) throws IOException {
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
      folder = folderOf(CLASSES);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  /** The folder that holds the one file of this name. */
  private String folderOf(String name) throws IOException {
    List<String> found =
        zip.stream()
            .map(ZipEntry::getName)
            .filter(SetFiles::visible)
            .filter(entry -> entry.equals(name) || entry.endsWith("/" + name))
            .toList();
    if (found.size() != 1) {
      throw new IOException(
          "%s holds %s %s, and Tiny ImageNet's zip has one, in the folder tiny-imagenet-200; get it again"
              .formatted(root, found.isEmpty() ? "no" : found.size(), name));
    }
    return found.get(0).substring(0, found.get(0).length() - name.length());
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public String where(String name) {
    return root + "!" + folder + name;
  }

  @Override
  public boolean has(String name) {
    return zip.getEntry(folder + name) != null;
  }

  @Override
  public List<SetFile> below(String wanted) {
    String start = folder + wanted + "/";
    return zip.stream()
        .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(start))
        .filter(entry -> SetFiles.visible(entry.getName()))
        .map(this::describe)
        .sorted(Comparator.comparing(SetFile::name))
        .toList();
  }

  private SetFile describe(ZipEntry entry) {
    return new SetFile(entry.getName().substring(folder.length()), entry.getSize(), entry.getCrc());
  }

  @Override
  public byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(folder + name);
    if (entry == null) {
      throw new IOException("%s does not exist; get the zip again".formatted(where(name)));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = SetFiles.readBounded(where(name), entry.getSize(), in);
      requireWhole(name, entry, bytes);
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new IOException(
          "%s cannot be unpacked (%s); get the zip again".formatted(where(name), e.getMessage()),
          e);
    }
  }

  /** Java's {@link ZipFile} compares no checksums. */
  private void requireWhole(String name, ZipEntry entry, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (bytes.length != entry.getSize() || crc.getValue() != entry.getCrc()) {
      throw new IOException(
          "%s is damaged: its checksum is wrong; get the zip again".formatted(where(name)));
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
