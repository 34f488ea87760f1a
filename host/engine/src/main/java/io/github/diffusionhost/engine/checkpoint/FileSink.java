package io.github.diffusionhost.engine.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where a checkpoint's files go; replaced in tests by a disk that fills up. */
@FunctionalInterface
interface FileSink {
  /** Writes new files and forces them to the disk as they are closed. */
  FileSink DISK =
      file -> {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new ForcedChannel(channel);
      };

  /** Makes a new file; closing it makes it durable. */
  WritableByteChannel create(Path file) throws IOException;

  /** A file that is forced to the disk before it is closed. */
  record ForcedChannel(FileChannel file) implements WritableByteChannel {
    @Override
    public int write(java.nio.ByteBuffer source) throws IOException {
      return file.write(source);
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      try (file) {
        file.force(true);
      }
    }
  }
}
