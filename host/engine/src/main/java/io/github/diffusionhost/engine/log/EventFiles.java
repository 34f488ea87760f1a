package io.github.diffusionhost.engine.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The event files that runs of ours have left in a folder, in the order of their names, which is
 * that in which TensorBoard reads them. Other programs' files there are none of ours.
 */
record EventFiles(Path folder, List<Path> files) {
  private static final Pattern NAME =
      Pattern.compile("events\\.out\\.tfevents\\.(\\d{1,18})\\.host\\.\\d+\\.\\d+");

  /** What begins a record: its length and the checksum of that. */
  private static final int HEAD = Long.BYTES + Integer.BYTES;

  /** A picture is a few megabytes. */
  private static final long LARGEST = 1 << 30;

  /** Told of one record, without its checksums. */
  @FunctionalInterface
  interface Visitor {
    void record(ByteBuffer data) throws IOException;
  }

  static EventFiles in(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return new EventFiles(
          folder,
          entries
              .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
              .sorted()
              .toList());
    }
  }

  /** A name after all of these, whatever the clock says. */
  Path next() {
    long seconds = System.currentTimeMillis() / 1000;
    for (Path file : files) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        seconds = Math.max(seconds, Long.parseLong(name.group(1)) + 1);
      }
    }
    return folder.resolve(
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%010d.host.%d.0",
            seconds,
            ProcessHandle.current().pid()));
  }

  /** Reads every record of every file; of one that was cut off, those before. */
  void read(Visitor visitor) throws IOException {
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        while (fill(channel, head.clear())) {
          long length = head.getLong(0);
          long left = channel.size() - channel.position() - Integer.BYTES;
          if (length < 0 || length > Math.min(left, LARGEST)) {
            break;
          }
          ByteBuffer data = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
          ByteBuffer sum = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          if (!fill(channel, data)
              || !fill(channel, sum)
              || sum.getInt(0) != TensorBoardLog.maskedCrc(data.array(), (int) length)) {
            break;
          }
          visitor.record(data.flip());
        }
      }
    }
  }

  void delete() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private static boolean fill(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }
}
