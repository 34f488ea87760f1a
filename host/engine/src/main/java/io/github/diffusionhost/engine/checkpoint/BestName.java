package io.github.diffusionhost.engine.checkpoint;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name {@code best} among the checkpoints of a run: a symbolic link to one of them, or a copy
 * of it where there are no such links.
 *
 * @param folder of the checkpoints
 * @param linker makes links
 */
record BestName(Path folder, Linker linker) {
  static final String NAME = "best";

  private static final Logger LOG = LoggerFactory.getLogger(BestName.class);

  /** Makes symbolic links. */
  @FunctionalInterface
  interface Linker {
    void link(Path link, Path target) throws IOException;
  }

  BestName(Path folder) {
    this(folder, Files::createSymbolicLink);
  }

  /** Replaces what it meant before. */
  Path pointTo(String checkpoint) throws IOException {
    Path name = folder.resolve(NAME);
    Path target = Path.of(checkpoint);
    if (Files.isSymbolicLink(name) && Files.readSymbolicLink(name).equals(target)) {
      return name;
    }
    Path aside = folder.resolve("." + NAME + ".tmp");
    remove(aside);
    try {
      linker.link(aside, target);
    } catch (UnsupportedOperationException | FileSystemException e) {
      LOG.debug("no symbolic links here", e);
      copy(folder.resolve(target), aside);
    }
    if (Files.isDirectory(name) && !Files.isSymbolicLink(name)) {
      CheckpointWriter.delete(name); // a link or a folder cannot be moved over a folder
    }
    return Files.move(aside, name, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void remove(Path leftover) throws IOException {
    if (Files.isSymbolicLink(leftover)) {
      Files.delete(leftover);
    } else {
      CheckpointWriter.delete(leftover);
    }
  }

  private static void copy(Path checkpoint, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(checkpoint)) {
      files = entries.toList();
    }
    Files.createDirectory(to);
    for (Path file : files) {
      Files.copy(file, to.resolve(file.getFileName().toString()));
    }
  }
}
