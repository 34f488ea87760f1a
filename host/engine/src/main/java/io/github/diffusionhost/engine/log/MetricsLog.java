package io.github.diffusionhost.engine.log;

import io.github.diffusionhost.api.text.Utf8;
import io.github.diffusionhost.engine.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code metrics.jsonl}: one JSON object a line, see {@link MetricsRow}. A line is in the file when
 * {@link #append} returns. For one thread at a time.
 */
public final class MetricsLog implements AutoCloseable {
  private final FileChannel channel;

  private MetricsLog(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens a log to add lines at its end; makes it if it is not there. A last line that was only
   * half written is dropped.
   *
   * @throws IOException if it cannot be written, or is not such a log; the message names the line
   */
  public static MetricsLog open(Path file) throws IOException {
    truncateAfter(file, Long.MAX_VALUE);
    return new MetricsLog(
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
  }

  /**
   * Drops the lines of steps after {@code step}, and a last line that was only half written, as a
   * run does that goes on from a checkpoint. A log that is not there stays so.
   *
   * @throws IOException if it cannot be written, or is not such a log; it is then as it was
   */
  public static void truncateAfter(Path file, long step) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    StringBuilder kept = new StringBuilder();
    for (MetricsRow row : read(file)) {
      if (row.step() <= step) {
        kept.append(row.toJson()).append('\n');
      }
    }
    byte[] bytes = kept.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length != Files.size(file)) {
      AtomicFile.write(file, bytes);
    }
  }

  /**
   * Reads a log, also one that is being written: a last line without its end is not there yet.
   *
   * @throws IOException if it cannot be read, or a line is not a JSON object of numbers with step,
   *     images and seconds; the message names the line
   */
  public static List<MetricsRow> read(Path file) throws IOException {
    List<MetricsRow> rows = new ArrayList<>();
    for (String line : wholeLines(file, Files.readAllBytes(file))) {
      rows.add(parse(file, rows.size() + 1, line));
    }
    return rows;
  }

  private static List<String> wholeLines(Path file, byte[] bytes) throws IOException {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    try {
      return Utf8.decode(file, Arrays.copyOf(bytes, end)).lines().toList();
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; correct the line or remove it", e);
    }
  }

  private static MetricsRow parse(Path file, int number, String line) throws IOException {
    try {
      return MetricsRow.parse(line);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          file
              + ", line "
              + number
              + ": not a JSON object of numbers with step, images and seconds;"
              + " correct the line or remove it",
          e);
    }
  }

  /**
   * Adds a line.
   *
   * @throws IOException if it cannot be written, as on a full disk; the log then ends with the line
   *     before
   */
  public void append(MetricsRow row) throws IOException {
    long end = channel.size();
    ByteBuffer line = ByteBuffer.wrap((row.toJson() + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      AtomicFile.writeFully(channel, line);
    } catch (IOException e) {
      try {
        channel.truncate(end);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
