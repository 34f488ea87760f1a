package io.github.diffusionhost.plugins.cifar;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A set in its {@code .tar.gz}, read in place: one pass, to the end, so that the checksum of the
 * gzip counts. Nothing is written, whatever an entry is called.
 */
record ArchiveStore(Path path) implements CifarStore {
  private static final int BUFFER = 1 << 16;

  /** Several times the unpacked size of either set: beyond it lies no set, but a bomb. */
  private static final long LARGEST = 1L << 30;

  @Override
  public Map<String, StoredFile> read(Map<String, Integer> wanted) throws IOException {
    try (InputStream raw = Files.newInputStream(path);
        InputStream tar = new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER)) {
      Map<String, StoredFile> found = new HashMap<>();
      long left = LARGEST;
      for (byte[] block = next(tar); !isEnd(block); block = next(tar)) {
        TarEntry entry = TarEntry.parse(block);
        left = spend(left, TarEntry.BLOCK + entry.size() + entry.padding());
        long kept = keep(entry, wanted, found, tar);
        tar.skipNBytes(entry.size() - kept + entry.padding());
      }
      drain(tar, left);
      return found;
    } catch (EOFException e) {
      throw new IOException(path + " is truncated; get it again", e);
    } catch (ZipException e) {
      throw new IOException(
          "%s is not gzipped, or damaged (%s); get it again".formatted(path, e.getMessage()), e);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be read as a .tar.gz: %s; get it again".formatted(path, e.getMessage()), e);
    }
  }

  /** Keeps the beginning of an entry if it is wanted; how many of its bytes that took. */
  private long keep(
      TarEntry entry, Map<String, Integer> wanted, Map<String, StoredFile> found, InputStream tar)
      throws IOException {
    String name = entry.fileName();
    Integer atMost = wanted.get(name);
    if (atMost == null || !entry.regular()) {
      return 0;
    }
    StoredFile file = StoredFile.read(path + "!" + name, entry.size(), atMost, tar);
    if (found.put(name, file) != null) {
      throw new IOException("it holds " + name + " twice");
    }
    return file.head().length;
  }

  /** The next header; zeros, as at the end, if nothing follows. */
  private static byte[] next(InputStream tar) throws IOException {
    byte[] block = tar.readNBytes(TarEntry.BLOCK);
    if (block.length > 0 && block.length < TarEntry.BLOCK) {
      throw new EOFException();
    }
    return Arrays.copyOf(block, TarEntry.BLOCK);
  }

  private static boolean isEnd(byte[] block) {
    return Arrays.equals(block, new byte[TarEntry.BLOCK]);
  }

  /** Reads what follows the archive, filling zeros as a rule, up to the checksum of the gzip. */
  private static void drain(InputStream tar, long most) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = most;
    for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
      left = spend(left, read);
    }
  }

  private static long spend(long left, long bytes) throws IOException {
    if (bytes > left) {
      throw new IOException(
          String.format(Locale.ROOT, "it unpacks to more than %,d MiB", LARGEST >> 20));
    }
    return left - bytes;
  }
}
