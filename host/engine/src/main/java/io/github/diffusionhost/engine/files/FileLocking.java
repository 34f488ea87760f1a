package io.github.diffusionhost.engine.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import org.jspecify.annotations.Nullable;

/**
 * Locks of whole files that keep out other processes and other threads of this one alike: Java's
 * own throw where a thread of the same process holds the lock. The system gives a lock up when its
 * process ends, however it ends.
 */
public final class FileLocking {
  private static final long PAUSE_MILLIS = 20;

  private FileLocking() {}

  /** Returns the lock, or null if another process or thread has it. */
  public static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by another thread of this process
      return null;
    }
  }

  /**
   * Returns the lock, as soon as nobody else has it.
   *
   * @throws InterruptedIOException if the thread is interrupted while it waits
   */
  public static FileLock lock(FileChannel channel) throws IOException {
    for (FileLock lock; ; ) {
      lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for a file's lock");
      }
    }
  }
}
