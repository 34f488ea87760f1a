package io.github.diffusionhost.plugins.tinyimagenet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Writes a packed file: images first, the head that makes it one at last. What was not finished is
 * never taken for a packed file.
 */
final class PackedWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final PackedFormat format;
  private final FileChannel channel;
  private final ByteBuffer buffer;
  private final int[] checksums;
  private int written;

  /** A new file. */
  PackedWriter(Path file, PackedFormat format) throws IOException {
    this.file = file;
    this.format = format;
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.buffer = ByteBuffer.allocate(Math.max(BUFFER, format.shape().elements()));
    this.checksums = new int[format.count()];
    channel.position(format.headBytes());
  }

  /** Adds the next image. */
  void add(byte[] image) throws IOException {
    if (buffer.remaining() < image.length) {
      flush();
    }
    buffer.put(image);
    checksums[written++] = PackedFormat.checksum(image, image.length);
  }

  /** Writes the head and waits until everything is on the disk. */
  void finish() throws IOException {
    flush();
    if (written != format.count()) {
      throw new IllegalStateException(written + " of " + format.count() + " images were added");
    }
    channel.position(0);
    buffer.clear();
    writeAll(ByteBuffer.wrap(format.head(checksums)));
    try {
      channel.force(true);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void flush() throws IOException {
    writeAll(buffer.flip());
    buffer.clear();
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private IOException failure(IOException cause) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s cannot be written (%s): the packed images take %,d MB there; make room, or choose another data folder",
            file.getParent(),
            cause.getMessage(),
            format.fileBytes() / 1_000_000 + 1),
        cause);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
