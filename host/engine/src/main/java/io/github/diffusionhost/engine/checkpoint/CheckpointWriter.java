package io.github.diffusionhost.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.engine.checkpoint.StateFile.StoredFile;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one checkpoint: aside, synced, renamed. */
record CheckpointWriter(Path folder, FileSink sink) {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

  /** Writes the bytes of one file. */
  @FunctionalInterface
  private interface Content {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  Path write(
      CheckpointState state,
      Map<String, ? extends Map<String, NDArray>> tensors,
      Map<String, String> texts)
      throws CheckpointException {
    Map<String, Content> contents = contents(tensors, texts);
    Path target = folder.resolve(CheckpointFolder.name(state.step()));
    try {
      Files.createDirectories(folder);
      AtomicFile.forceParent(folder);
      removeLeftovers();
      try (Aside aside = Aside.of(target)) {
        Files.createDirectory(aside.path());
        writeFiles(aside.path(), state, contents);
        AtomicFile.forceFolder(aside.path());
        moveInto(target, aside);
      }
      AtomicFile.forceFolder(folder);
      return target;
    } catch (IOException e) {
      throw new CheckpointException(problem(target, bytesNeeded(tensors), e), e);
    }
  }

  private static Map<String, Content> contents(
      Map<String, ? extends Map<String, NDArray>> tensors, Map<String, String> texts) {
    Map<String, Content> contents = new LinkedHashMap<>();
    tensors.forEach(
        (name, arrays) ->
            contents.put(name, channel -> SafetensorsWriter.write(channel, arrays, Map.of())));
    texts.forEach(
        (name, text) -> {
          Content content =
              channel ->
                  AtomicFile.writeFully(
                      channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
          if (contents.put(name, content) != null) {
            throw new IllegalArgumentException("two files of a checkpoint are named " + name);
          }
        });
    for (String name : contents.keySet()) {
      if (!CheckpointFolder.isPlainName(name) || name.equals(StateFile.NAME)) {
        throw new IllegalArgumentException("a file of a checkpoint cannot be named " + name);
      }
    }
    return contents;
  }

  private void writeFiles(Path aside, CheckpointState state, Map<String, Content> contents)
      throws IOException {
    Map<String, StoredFile> files = new LinkedHashMap<>();
    for (Map.Entry<String, Content> entry : contents.entrySet()) {
      Path file = aside.resolve(entry.getKey());
      try (HashingChannel channel = new HashingChannel(sink.create(file))) {
        entry.getValue().writeTo(channel);
        files.put(entry.getKey(), channel.stored());
      }
    }
    byte[] stateBytes = new StateFile(state, files).toBytes();
    try (WritableByteChannel channel = sink.create(aside.resolve(StateFile.NAME))) {
      AtomicFile.writeFully(channel, ByteBuffer.wrap(stateBytes));
    }
  }

  /** Renames; a folder cannot be renamed over another one, so that one steps aside before. */
  private static void moveInto(Path target, Aside aside) throws IOException {
    Path displaced = target.resolveSibling("." + target.getFileName() + ".old");
    if (Files.exists(target)) {
      Files.move(target, displaced, StandardCopyOption.ATOMIC_MOVE);
    }
    aside.moveIntoPlace();
    delete(displaced);
  }

  private void removeLeftovers() throws IOException {
    for (Path leftover : CheckpointFolder.leftovers(folder)) {
      Optional<Path> home = CheckpointFolder.homeOf(leftover);
      if (home.isPresent() && !Files.exists(home.get())) {
        LOG.info("putting back checkpoint {}, displaced by a write that was killed", home.get());
        Files.move(leftover, home.get(), StandardCopyOption.ATOMIC_MOVE);
      } else {
        LOG.info("removing {}, left by a write that was interrupted", leftover);
        delete(leftover);
      }
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> entries = Files.walk(folder)) {
      deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : deepestFirst) {
      Files.delete(entry);
    }
  }

  private static long bytesNeeded(Map<String, ? extends Map<String, NDArray>> tensors) {
    return tensors.values().stream().mapToLong(SafetensorsWriter::dataBytes).sum();
  }

  private String problem(Path target, long needed, IOException cause) {
    String reason =
        cause instanceof AccessDeniedException denied
            ? "no permission to write to " + denied.getFile()
            : cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return "checkpoint "
        + target
        + " cannot be written: "
        + reason
        + "; it needs "
        + needed
        + " bytes, "
        + free()
        + " free there; earlier checkpoints are untouched";
  }

  private String free() {
    try {
      Path existing = folder.toAbsolutePath();
      while (!Files.isDirectory(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      return Files.getFileStore(existing).getUsableSpace() + " are";
    } catch (IOException e) {
      LOG.debug("cannot ask for the free space of {}", folder, e);
      return "an unknown number are";
    }
  }
}
