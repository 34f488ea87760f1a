package io.github.diffusionhost.engine.download;

import io.github.diffusionhost.engine.files.FileLocking;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one download at a time into a data folder, over all processes and threads. The file {@code
 * .download.lock} stays; the system gives up the lock when its process ends, however it ends.
 */
final class FolderLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits until nobody else downloads into {@code folder}, which is made if it is not there. */
  static FolderLock acquire(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve(".download.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean acquired = false;
    try {
      if (FileLocking.tryLock(channel) == null) {
        LOG.info("waiting for another download into {}", folder);
        FileLocking.lock(channel);
      }
      acquired = true;
      return new FolderLock(channel);
    } finally {
      if (!acquired) {
        channel.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
