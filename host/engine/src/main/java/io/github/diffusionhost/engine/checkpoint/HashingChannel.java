package io.github.diffusionhost.engine.checkpoint;

import io.github.diffusionhost.engine.checkpoint.StateFile.StoredFile;
import io.github.diffusionhost.engine.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;

/** Counts and hashes what passes through, so that no file is read again. */
final class HashingChannel implements WritableByteChannel {
  private final WritableByteChannel target;
  private final MessageDigest digest = Sha256.digest();
  private long bytes;

  HashingChannel(WritableByteChannel target) {
    this.target = target;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    ByteBuffer hashed = source.duplicate();
    int written = target.write(source);
    digest.update(hashed.limit(source.position()));
    bytes += written;
    return written;
  }

  /** What was written; to be asked once, at the end. */
  StoredFile stored() {
    return new StoredFile(bytes, Sha256.hex(digest));
  }

  @Override
  public boolean isOpen() {
    return target.isOpen();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
