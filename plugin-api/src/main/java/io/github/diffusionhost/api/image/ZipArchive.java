package io.github.diffusionhost.api.image;

import io.github.diffusionhost.api.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A zip, read in place; nothing is unpacked. */
final class ZipArchive implements ImageArchive {
  private static final Logger LOG = LoggerFactory.getLogger(ZipArchive.class);

  private final Path root;
  private final ZipFile zip;
  private final TreeMap<String, ZipEntry> files = new TreeMap<>();
  private final SortedSet<String> folders = new TreeSet<>();

  private ZipArchive(Path root, ZipFile zip) throws IOException {
    this.root = root;
    this.zip = zip;
    BitSet links = ZipLinks.of(root);
    List<? extends ZipEntry> entries = Collections.list(zip.entries());
    for (int i = 0; i < entries.size(); i++) {
      add(entries.get(i), links.get(i));
    }
  }

  static ZipArchive open(Path root) throws IOException {
    ZipFile zip = openFile(root);
    try {
      return new ZipArchive(root, zip);
    } catch (EOFException e) {
      zip.close();
      throw damaged(root, e);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static ZipFile openFile(Path root) throws IOException {
    try {
      return openNamed(root);
    } catch (ZipException | EOFException e) {
      String reason = reason(e);
      if (reason.contains("encrypted")) {
        throw new IOException(
            Printable.path(root) + " is encrypted; unpack it, and name the folder", e);
      } else if (reason.contains("compression method")) {
        throw new IOException(
            "%s is compressed in a way that Java cannot read (%s); unpack it, and name the folder"
                .formatted(Printable.path(root), reason),
            e);
      }
      throw damaged(root, e);
    }
  }

  private static IOException damaged(Path root, IOException cause) {
    return new IOException(
        "%s is not a zip, or a damaged or truncated one (%s); get it again"
            .formatted(Printable.path(root), reason(cause)),
        cause);
  }

  /** What Java's readers throw where a file ends says nothing. */
  private static String reason(IOException e) {
    return e.getMessage() == null ? "it ends too early" : e.getMessage();
  }

  private static ZipFile openNamed(Path root) throws IOException {
    try {
      return new ZipFile(root.toFile(), StandardCharsets.UTF_8);
    } catch (ZipException e) {
      if (!String.valueOf(e.getMessage()).contains("bad entry name")) {
        throw e;
      }
    }
    ZipFile zip = new ZipFile(root.toFile(), bytesAsCharacters());
    LOG.warn(
        "{}: names that are not UTF-8 are read as CP437; folders and classes may look strange",
        root);
    return zip;
  }

  private static Charset bytesAsCharacters() {
    return Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;
  }

  private void add(ZipEntry entry, boolean link) throws IOException {
    String stored = entry.getName();
    if (ArchiveNames.isOutside(stored)) {
      throw new IOException(
          "%s has an entry that points outside, '%s'; get the zip from somebody you trust, or zip"
                  .formatted(Printable.path(root), Printable.path(stored))
              + " the images anew");
    }
    String name = ArchiveNames.plain(stored);
    if (name.isEmpty() || !ArchiveNames.isVisible(name)) {
      return;
    } else if (link) {
      throw new IOException(
          "%s holds a link, '%s', and links in zips are not followed; zip what it leads to"
              .formatted(Printable.path(root), Printable.path(name)));
    } else if (stored.endsWith("/") || stored.endsWith("\\")) {
      folders.add(name);
    } else if (files.put(name, entry) != null) {
      throw new IOException(
          "%s holds '%s' twice, and which of the two is meant is not known; zip the images anew"
              .formatted(Printable.path(root), Printable.path(name)));
    }
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public ArchiveTree list(String folder) {
    String start = folder.isEmpty() ? "" : folder + "/";
    List<ArchivedFile> below =
        files.entrySet().stream()
            .filter(file -> file.getKey().startsWith(start))
            .map(file -> describe(file.getKey(), file.getValue()))
            .toList();
    return new ArchiveTree(below, folders.stream().filter(name -> name.startsWith(start)).toList());
  }

  private static ArchivedFile describe(String name, ZipEntry entry) {
    return new ArchivedFile(name, entry.getSize(), entry.getCrc());
  }

  @Override
  public boolean has(String name) {
    return files.containsKey(name);
  }

  @Override
  public String where(String name) {
    return Printable.path(root) + "!" + Printable.path(name);
  }

  @Override
  public byte[] read(String name) throws IOException {
    ZipEntry entry = files.get(name);
    if (entry == null) {
      throw new IOException(where(name) + " does not exist");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = ImageArchive.readBounded(where(name), entry.getSize(), in);
      requireWhole(entry, bytes);
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new IOException(
          "%s cannot be unpacked (%s); get the zip again".formatted(where(name), reason(e)), e);
    }
  }

  /** Java's {@link ZipFile} compares no checksums. */
  private static void requireWhole(ZipEntry entry, byte[] bytes) throws ZipException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (bytes.length != entry.getSize() || crc.getValue() != entry.getCrc()) {
      throw new ZipException("its checksum is wrong");
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
