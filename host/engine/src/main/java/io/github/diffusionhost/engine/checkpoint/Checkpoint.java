package io.github.diffusionhost.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.text.Printable;
import io.github.diffusionhost.api.text.Utf8;
import io.github.diffusionhost.engine.checkpoint.StateFile.StoredFile;
import io.github.diffusionhost.engine.files.Sha256;
import io.github.diffusionhost.engine.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** A checkpoint whose every file was found to be as it was written. */
public final class Checkpoint {
  private final Path folder;
  private final StateFile stateFile;

  private Checkpoint(Path folder, StateFile stateFile) {
    this.folder = folder;
    this.stateFile = stateFile;
  }

  /**
   * Opens a checkpoint: reads {@code state.json} and compares size and SHA-256 of every file.
   *
   * @param folder a folder such as {@code checkpoints/step-000500}
   * @throws CheckpointException if a file is missing, truncated or changed, or the format is a
   *     newer one; the message names the file and an earlier checkpoint, if there is one
   */
  public static Checkpoint open(Path folder) throws CheckpointException {
    try {
      if (!Files.isDirectory(folder)) {
        throw new CheckpointException("there is no such folder");
      }
      StateFile stateFile = StateFile.read(folder);
      for (Map.Entry<String, StoredFile> entry : stateFile.files().entrySet()) {
        check(folder.resolve(requirePlain(entry.getKey())), entry.getValue());
      }
      return new Checkpoint(folder, stateFile);
    } catch (CheckpointException e) {
      throw new CheckpointException(
          "checkpoint "
              + folder
              + " cannot be used: "
              + e.getMessage()
              + "; "
              + CheckpointFolder.earlierThan(folder)
                  .map(earlier -> "use an earlier checkpoint: " + earlier)
                  .orElse("there is no earlier checkpoint beside it"),
          e);
    }
  }

  /** Whether a folder looks like a checkpoint, whole or damaged. */
  public static boolean isOne(Path folder) {
    return Files.exists(folder.resolve(StateFile.NAME));
  }

  private static void check(Path file, StoredFile stored) throws CheckpointException {
    String name = file.getFileName().toString();
    try {
      if (!Files.isRegularFile(file)) {
        throw new CheckpointException(name + " is missing");
      }
      long bytes = Files.size(file);
      if (bytes != stored.bytes()) {
        throw new CheckpointException(
            name + " has " + bytes + " bytes, but " + stored.bytes() + " were written");
      }
      if (!Sha256.of(file).equals(stored.sha256())) {
        throw new CheckpointException(name + " was changed after it was written");
      }
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(name + " cannot be read: " + e, e);
    }
  }

  private static String requirePlain(String name) throws CheckpointException {
    if (!CheckpointFolder.isPlainName(name)) {
      throw new CheckpointException(
          StateFile.NAME + " names a file outside the folder: " + Printable.name(name));
    }
    return name;
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /** The counts and the trainer's own numbers. */
  public CheckpointState state() {
    return stateFile.state();
  }

  /** The names of its files, {@code state.json} excepted, in the order in which they were given. */
  public Set<String> files() {
    return stateFile.files().keySet();
  }

  /**
   * Reads every tensor of one of its files.
   *
   * @param file such as {@code model.safetensors}
   * @return the arrays by name, in the file's order; they belong to {@code manager}
   * @throws IOException if there is no such file, or it cannot be read; the message says which
   */
  public Map<String, NDArray> tensors(String file, NDManager manager) throws IOException {
    try (SafetensorsFile tensors = SafetensorsFile.open(require(file))) {
      return tensors.readAll(manager);
    }
  }

  /**
   * Reads one of its text files.
   *
   * @param file such as {@code config.yaml}
   * @throws IOException if there is no such file, or it cannot be read; the message says which
   */
  public String text(String file) throws IOException {
    return Utf8.read(require(file));
  }

  private Path require(String file) throws CheckpointException {
    if (!files().contains(file)) {
      throw new CheckpointException(
          "checkpoint "
              + folder
              + " has no file "
              + file
              + "; it has "
              + String.join(", ", files()));
    }
    return folder.resolve(file);
  }
}
