package io.github.diffusionhost.engine.download;

import io.github.diffusionhost.api.dataset.RemoteFile;
import io.github.diffusionhost.engine.download.MirrorFailure.Remedy;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.files.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What is there of a file: {@code NAME.part} beside its place, kept from one attempt, and one
 * process, to the next.
 *
 * @param path the part
 * @param target where the whole file goes
 * @param file what it is a part of
 */
record PartFile(Path path, Path target, RemoteFile file) {
  static PartFile of(RemoteFile file, Path target) {
    return new PartFile(target.resolveSibling(target.getFileName() + ".part"), target, file);
  }

  /**
   * How many bytes are there; a part that is larger than the file is nonsense and removed. So is a
   * link, which no download makes: what it leads to is nobody's part.
   */
  long bytes() throws IOException {
    if (Files.isSymbolicLink(path)) {
      Files.delete(path);
    }
    long bytes = Files.exists(path) ? Files.size(path) : 0;
    if (bytes > file.bytes()) {
      Files.delete(path);
      return 0;
    }
    return bytes;
  }

  /** Removes a part in which there is nothing. */
  void deleteIfEmpty() throws IOException {
    if (bytes() == 0) {
      Files.deleteIfExists(path);
    }
  }

  /** Opens it to go on at byte {@code from}; what is there after that is dropped. */
  FileChannel openAt(long from) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    return channel.truncate(from).position(from);
  }

  /**
   * Renames the part to the file if size and checksum are right; removes it if the checksum is not.
   *
   * @throws MirrorFailure if something is wrong with it
   */
  void finish() throws IOException {
    long bytes = bytes();
    if (bytes != file.bytes()) {
      throw new MirrorFailure(
          Remedy.TRY_AGAIN, "ended after " + bytes + " of " + file.bytes() + " bytes");
    }
    String sha256 = Sha256.of(path);
    if (!sha256.equals(file.sha256())) {
      Files.delete(path);
      throw new MirrorFailure(Remedy.START_OVER, "wrong content, with SHA-256 " + sha256);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    AtomicFile.forceParent(target);
  }
}
