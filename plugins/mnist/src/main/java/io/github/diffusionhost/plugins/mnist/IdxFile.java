package io.github.diffusionhost.plugins.mnist;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads IDX files, gzipped if their name ends in {@code .gz}. A file is read twice: once to count
 * its bytes, at most as many as its header announces, and only then into memory of that size, so
 * that neither a lying header nor a gzip bomb takes memory.
 */
final class IdxFile {
  private static final Logger LOG = LoggerFactory.getLogger(IdxFile.class);
  private static final int BUFFER = 1 << 16;

  private IdxFile() {}

  /** Reads and checks the header alone. */
  static IdxHeader readHeader(Path file, int magic) throws IOException {
    try (InputStream in = open(file)) {
      return IdxHeader.read(file, new DataInputStream(in), magic);
    } catch (EOFException e) {
      throw new IOException(file + " ends within its header; get it again", e);
    } catch (ZipException e) {
      throw damaged(file, e);
    }
  }

  /**
   * Reads the first {@code limit} records, after checking that the file holds exactly as many as
   * its header says.
   *
   * @param published SHA-256 of the published file; other content is used, with a warning
   * @param memory the most bytes to take
   */
  static byte[] readRecords(Path file, IdxHeader header, int limit, String published, long memory)
      throws IOException {
    try {
      String sha256 = check(file, header);
      if (!sha256.equals(published)) {
        LOG.warn("{} is not the published MNIST; used as it is (SHA-256 {})", file, sha256);
      }
      return read(file, header, Math.min(limit, header.count()), memory);
    } catch (EOFException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is truncated: its header says %d records, %d bytes in all; get it again",
              file,
              header.count(),
              header.fileBytes()),
          e);
    } catch (ZipException e) {
      throw damaged(file, e);
    }
  }

  /** Counts the bytes and returns the SHA-256 of the content. */
  private static String check(Path file, IdxHeader header) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = open(file)) {
      for (long left = header.fileBytes(); left > 0; ) {
        int read = in.read(buffer, 0, (int) Math.min(left, BUFFER));
        if (read < 0) {
          throw new EOFException();
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      if (in.read() >= 0) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s is longer than the %d bytes of the %d records that its header says; get it again",
                file,
                header.fileBytes(),
                header.count()));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] read(Path file, IdxHeader header, int records, long memory)
      throws IOException {
    long bytes = (long) records * header.recordBytes();
    if (bytes > Math.min(memory, Integer.MAX_VALUE - 8)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: %d records take %d MiB of memory; set 'limit' to read fewer, or give Java more (-Xmx)",
              file,
              records,
              bytes >> 20));
    }
    byte[] content = new byte[(int) bytes];
    try (DataInputStream in = new DataInputStream(open(file))) {
      in.skipNBytes(header.bytes());
      in.readFully(content);
    }
    return content;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    if (!file.toString().endsWith(".gz")) {
      return raw;
    }
    try {
      return new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER);
    } catch (IOException e) {
      raw.close();
      throw new IOException(
          file + " is named .gz but is not gzipped: take .gz off its name, or get it again", e);
    }
  }

  private static IOException damaged(Path file, ZipException cause) {
    return new IOException(
        "%s is damaged: %s; get it again".formatted(file, cause.getMessage()), cause);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
