package io.github.diffusionhost.engine.files;

import io.github.diffusionhost.api.files.Aside;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Writes a file aside, forces it to the disk and renames it, so that a reader, or a machine that
 * loses power, sees the old file or the new one and never a part.
 */
public final class AtomicFile {
  /** What is said of a write that fails, without the file. */
  private static final Set<String> REASONS =
      Set.of(
          "No space left on device",
          "Disk quota exceeded",
          "Read-only file system",
          "File too large",
          "Input/output error");

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
   * @throws IOException what {@code content} throws, or if the folder cannot be written to; where
   *     the operating system's reason is all there is, it has the file's name, and not that of the
   *     one aside
   */
  public static void write(Path target, Content content) throws IOException {
    try {
      writeAside(target, content);
    } catch (NoSuchFileException | FileAlreadyExistsException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw isHidden(e) ? caused(new AccessDeniedException(target.toString()), e) : e;
    } catch (FileSystemException e) {
      throw isHidden(e)
          ? caused(new FileSystemException(target.toString(), null, e.getReason()), e)
          : e;
    } catch (IOException e) {
      boolean bare = e.getClass() == IOException.class && REASONS.contains(e.getMessage());
      throw bare ? caused(new FileSystemException(target.toString(), null, e.getMessage()), e) : e;
    }
  }

  private static boolean isHidden(FileSystemException e) {
    Path name = e.getFile() == null ? null : Path.of(e.getFile()).getFileName();
    return name != null && name.toString().startsWith(".");
  }

  private static IOException caused(IOException named, IOException cause) {
    named.initCause(cause);
    return named;
  }

  private static void writeAside(Path target, Content content) throws IOException {
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
