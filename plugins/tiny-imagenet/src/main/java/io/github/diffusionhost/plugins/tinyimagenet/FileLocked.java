package io.github.diffusionhost.plugins.tinyimagenet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock among processes, and among threads of one; the operating system takes it back from a
 * process that dies. The file stays: whoever deleted it would take it from one who waits.
 */
final class FileLocked implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileLocked.class);
  private static final long PAUSE_MILLIS = 50;

  private final FileChannel channel;

  private FileLocked(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for the lock. Where the file system has none, nothing is locked.
   *
   * @param file made if it is not there
   */
  static FileLocked take(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      waitFor(channel, file);
      return new FileLocked(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void waitFor(FileChannel channel, Path file) throws IOException {
    for (boolean said = false; ; said = true) {
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null; // another thread of this process has it
      } catch (IOException e) {
        LOG.warn("{} cannot be locked, so that others may do the same work", file, e);
        return;
      }
      if (lock != null) {
        return;
      }
      if (!said) {
        LOG.info("tiny-imagenet: another process packs the images; waiting for it");
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another process");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close(); // and with it the lock
  }
}
