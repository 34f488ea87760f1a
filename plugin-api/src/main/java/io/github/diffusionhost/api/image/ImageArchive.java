package io.github.diffusionhost.api.image;

import io.github.diffusionhost.api.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The files of a folder or a zip by name, relative to it and with forward slashes. Training and
 * evaluation read images through it, so that both have one verdict.
 *
 * <ul>
 *   <li>Hidden files and what file managers leave behind do not exist. Everything is listed in the
 *       order of names.
 *   <li>Links in a folder are followed; one that leads nowhere, or around in a circle, is an error
 *       that names it, and so is a visible file that is neither a regular file nor a folder.
 *   <li>A zip is read in place. Links, entries that point outside, and two of one name, are errors
 *       that name them. Leading {@code ./} and backslashes count as they do when a zip is unpacked.
 *       A name is UTF-8 if all of the zip are; else one without the flag of UTF-8 is read as CP437
 *       (PKZIP APPNOTE, appendix D), whose 256 bytes are 256 characters, so that different names
 *       stay different.
 *   <li>A file of more than {@link #LARGEST_FILE} bytes is refused, whatever its zip announces, and
 *       so is one whose CRC-32 is not that of the zip.
 * </ul>
 *
 * <p>{@link #read} may be called from several threads at a time.
 */
public interface ImageArchive extends AutoCloseable {
  /** The largest file that is read, in bytes. */
  int LARGEST_FILE = 128 << 20;

  /**
   * Opens a folder or a zip.
   *
   * @throws IOException if there is neither, or the zip is damaged or encrypted
   */
  static ImageArchive open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new FolderArchive(path);
    } else if (Files.isRegularFile(path)) {
      return ZipArchive.open(path);
    }
    throw new IOException(
        Files.isSymbolicLink(path)
            ? FolderArchive.leadsNowhere(path)
            : Printable.path(path) + ": there is no such folder or zip of images");
  }

  /** The folder or zip. */
  Path root();

  /**
   * What lies below a folder.
   *
   * @param folder its name, empty for all
   * @return nothing if there is no such folder
   * @throws IOException if it cannot be listed; the message names what is wrong
   */
  ArchiveTree list(String folder) throws IOException;

  /** Whether there is a file of this name. */
  boolean has(String name);

  /** What messages call a file or folder. */
  String where(String name);

  /**
   * The bytes of a file.
   *
   * @throws IOException if it cannot be read, is too large or damaged; the message names it
   */
  byte[] read(String name) throws IOException;

  @Override
  void close() throws IOException;

  /** Reads a stream whose length may be a lie. */
  static byte[] readBounded(String where, long announced, InputStream in) throws IOException {
    byte[] bytes = announced > LARGEST_FILE ? new byte[0] : in.readNBytes(LARGEST_FILE + 1);
    if (announced > LARGEST_FILE || bytes.length > LARGEST_FILE) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is larger than %d MiB, which no image here may be; scale it down first",
              where,
              LARGEST_FILE >> 20));
    }
    return bytes;
  }
}
