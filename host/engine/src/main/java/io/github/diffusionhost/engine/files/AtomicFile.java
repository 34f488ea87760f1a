package io.github.diffusionhost.engine.files;

import io.github.diffusionhost.api.files.Aside;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file aside, forces it to the disk and renames it, so that a reader, or a machine that
 * loses power, sees the old file or the new one and never a part.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything; the channel is closed by the caller. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /**
   * Makes or replaces {@code target}. If anything is thrown, what was there before is untouched and
   * nothing else is left behind.
   *
   * @throws IOException what {@code content} throws, or if the folder cannot be written to
   */
  public static void write(Path target, Content content) throws IOException {
    try (Aside aside = Aside.of(target)) {
      try (FileChannel channel =
          FileChannel.open(aside.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      aside.moveIntoPlace();
    }
    forceParent(target);
  }

  /** Makes or replaces {@code target} with these bytes. */
  public static void write(Path target, byte[] content) throws IOException {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(content)));
  }

  /** Writes all that remains in {@code bytes}. */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Forces the name of a file or folder to the disk; a root of a file system has none. */
  public static void forceParent(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      forceFolder(folder);
    }
  }

  /** Forces the names in {@code folder} to the disk; Windows cannot and does not need to. */
  public static void forceFolder(Path folder) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
