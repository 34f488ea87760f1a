package io.github.diffusionhost.engine.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A zip, read in place; nothing is unpacked. */
final class ZippedFiles implements ImageFiles {
  private final Path root;
  private final ZipFile zip;
  private final List<String> names;

  ZippedFiles(Path root) throws IOException {
    this.root = root;
    try {
      this.zip = new ZipFile(root.toFile());
    } catch (ZipException e) {
      throw unusable(e);
    }
    try {
      this.names =
          ImageFiles.imagesOf(
              root, zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName));
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  private IOException unusable(ZipException e) {
    String reason = String.valueOf(e.getMessage());
    return new IOException(
        reason.contains("encrypted")
            ? "%s is encrypted; unpack it, and name the folder".formatted(root)
            : "%s is neither a folder nor a zip, or a damaged one (%s)".formatted(root, reason),
        e);
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
    return root + "!" + name;
  }

  @Override
  public byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = ImageFiles.readBounded(where(name), in);
      CRC32 crc = new CRC32();
      crc.update(bytes);
      if (crc.getValue() != entry.getCrc()) {
        throw new ZipException("its checksum is wrong");
      }
      return bytes;
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
