package io.github.diffusionhost.engine.posthoc;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointException;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The power-function averages of a run as they were now and then: folders {@code step-000500}, each
 * whole or not there, with a file of float32 weights for each width. (Sixteen bits would halve
 * them; but a width between the tracked ones takes differences of snapshots, which enlarge rounding
 * errors.)
 */
public final class EmaSnapshots {
  /** The name of the config's file. */
  public static final String CONFIG = "config.yaml";

  private static final Logger LOG = LoggerFactory.getLogger(EmaSnapshots.class);
  private static final String PREFIX = "width-";
  private static final String SUFFIX = ".safetensors";

  private final Path path;
  private final CheckpointFolder folder;

  /** The snapshots in {@code folder}, which need not exist yet. */
  public EmaSnapshots(Path folder) {
    this.path = folder;
    this.folder = new CheckpointFolder(folder);
  }

  /**
   * Writes the averages of a step, in place of earlier ones of the same step.
   *
   * @param state the counts and what the network needs to know about its images
   * @param weights the averages by relative width
   * @param config the resolved config of the run
   * @return the snapshot's folder
   * @throws CheckpointException if it cannot be written; nothing is left of it
   */
  public Path write(CheckpointState state, Map<Double, Map<String, NDArray>> weights, String config)
      throws CheckpointException {
    Map<String, Map<String, NDArray>> files = new LinkedHashMap<>();
    weights.forEach((width, values) -> files.put(PREFIX + width + SUFFIX, values));
    return folder.write(state, files, Map.of(CONFIG, config));
  }

  /**
   * Removes the snapshots of later steps, which a run that was resumed will write again.
   *
   * @param step the last one that stays
   */
  public void removeAfter(long step) throws IOException {
    folder.removeAfter(step);
  }

  /**
   * Opens every snapshot up to a step and compares its files with their checksums. A snapshot with
   * a name of no step's is skipped with a warning.
   *
   * @param step the last step; the snapshots of no other are as new
   * @return by step; empty if there are none at all
   * @throws IOException if one was damaged; the message says which, and what to do
   */
  public List<Checkpoint> upTo(long step) throws IOException {
    folder.warnOfOthers();
    List<Checkpoint> snapshots = new ArrayList<>();
    for (Path snapshot : folder.list()) {
      if (CheckpointFolder.step(snapshot) <= step) {
        snapshots.add(open(snapshot));
      }
    }
    return snapshots;
  }

  /** The steps of the snapshots that are there, unchecked, ascending. */
  public List<Long> steps() throws IOException {
    return folder.list().stream().map(CheckpointFolder::step).toList();
  }

  /** Where they are. */
  public Path folder() {
    return path;
  }

  /**
   * The files of a snapshot by relative width.
   *
   * @throws UncheckedIOException if one is named after no width
   */
  static Map<Double, String> files(Checkpoint snapshot) {
    Map<Double, String> files = new LinkedHashMap<>();
    for (String file : snapshot.files()) {
      if (file.startsWith(PREFIX) && file.endsWith(SUFFIX)) {
        String width = file.substring(PREFIX.length(), file.length() - SUFFIX.length());
        files.put(width(snapshot, file, width), file);
      }
    }
    return files;
  }

  private static double width(Checkpoint snapshot, String file, String width) {
    try {
      double value = Double.parseDouble(width);
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      LOG.debug("not a width", e);
    }
    throw new UncheckedIOException(
        new IOException(
            snapshot.folder().resolve(file)
                + " is named after no width; move the snapshot away to do without it, at the price of a"
                + " less exact average"));
  }

  private static Checkpoint open(Path snapshot) throws IOException {
    try {
      return Checkpoint.open(snapshot);
    } catch (CheckpointException e) {
      throw new IOException(
          e.getMessage()
              + "; or move it away to do without it, at the price of a less exact average",
          e);
    }
  }
}
