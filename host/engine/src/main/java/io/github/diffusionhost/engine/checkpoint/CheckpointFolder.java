package io.github.diffusionhost.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.files.Aside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: folders {@code step-000500}, each whole or not there. One process at a
 * time may write; any number may read meanwhile.
 */
public final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);

  private static final Pattern STEP = Pattern.compile("step-(\\d{6,18})");

  /** A complete checkpoint that was moved out of the way of another one of the same step. */
  private static final Pattern DISPLACED = Pattern.compile("\\.(step-\\d{6,18})\\.old");

  /** One writes at a time, so that whatever is there was left. */
  private static final Pattern ASIDE = Pattern.compile("\\.step-\\d{6,18}\\.(tmp-.+|old)");

  private final Path folder;
  private final FileSink sink;

  /** The checkpoints in {@code folder}, which need not exist yet. */
  public CheckpointFolder(Path folder) {
    this(folder, FileSink.DISK);
  }

  CheckpointFolder(Path folder, FileSink sink) {
    this.folder = folder;
    this.sink = sink;
  }

  /**
   * Writes a checkpoint: aside, every file forced to the disk, then renamed. A checkpoint of the
   * same step is replaced. What interrupted writes left behind is removed.
   *
   * @param state the counts, and what the trainer needs to go on
   * @param tensors arrays by name, by the name of the file, such as {@code model.safetensors}
   * @param texts by the name of the file, such as {@code config.yaml}
   * @return the folder of the checkpoint
   * @throws CheckpointException if it cannot be written; the message says how many bytes it needs
   *     and how many are free; nothing is left of it, and the earlier checkpoints are as they were
   */
  public Path write(
      CheckpointState state,
      Map<String, ? extends Map<String, NDArray>> tensors,
      Map<String, String> texts)
      throws CheckpointException {
    return new CheckpointWriter(folder, sink).write(state, tensors, texts);
  }

  /**
   * The checkpoints that are there, unchecked, ascending by step; empty if there are none.
   *
   * @throws IOException if the folder cannot be read
   */
  public List<Path> list() throws IOException {
    return List.copyOf(bySteps(folder).values());
  }

  /**
   * The newest checkpoint that is as it was written. Newer ones that are not are skipped with a
   * warning that says why. So is what looks like a checkpoint and has a name of no step's.
   *
   * @return empty if there are no checkpoints at all
   * @throws CheckpointException if there are checkpoints, and none can be used
   * @throws IOException if the folder cannot be read
   */
  public Optional<Checkpoint> latestUsable() throws IOException {
    warnOfOthers();
    List<Path> newestFirst = new ArrayList<>(bySteps(folder).descendingMap().values());
    List<String> problems = new ArrayList<>();
    for (Path checkpoint : newestFirst) {
      try {
        return Optional.of(opened(checkpoint));
      } catch (CheckpointException e) {
        LOG.warn("{}", e.getMessage());
        problems.add(e.getMessage());
      }
    }
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    throw new CheckpointException(
        "none of the checkpoints in "
            + folder
            + " can be used:\n  "
            + String.join("\n  ", problems));
  }

  /** What looks like a checkpoint and has a name that none has would be left out unsaid. */
  public void warnOfOthers() throws IOException {
    for (Path entry : entries(folder)) {
      String name = entry.getFileName().toString();
      boolean known = STEP.matcher(name).matches() || name.equals(BestName.NAME);
      if (!known && !name.startsWith(".") && Checkpoint.isOne(entry)) {
        LOG.warn("{} is left out: {}", entry, nameFor(entry));
      }
    }
  }

  private static String nameFor(Path misnamed) {
    try {
      return "it is not called " + name(StateFile.read(misnamed).state().step());
    } catch (CheckpointException e) {
      return "it is not called after a step, and " + e.getMessage();
    }
  }

  /** A copy under another name would be taken for what it is not, and what lies between be lost. */
  private static Checkpoint opened(Path folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    long step = checkpoint.state().step();
    if (step != step(folder)) {
      throw new CheckpointException(
          "%s is a checkpoint of step %s: call it %s, or remove it"
              .formatted(folder, Long.toString(step), name(step)));
    }
    return checkpoint;
  }

  /** The step of one of the listed checkpoints, by its name. */
  public static long step(Path checkpoint) {
    Path home = homeOf(checkpoint).orElse(checkpoint);
    Matcher name = STEP.matcher(String.valueOf(home.getFileName()));
    if (!name.matches()) {
      throw new IllegalArgumentException(checkpoint + " is not named after a step");
    }
    return Long.parseLong(name.group(1));
  }

  /**
   * Removes the checkpoints of later steps. Each is gone from the list at once, before its files
   * are.
   *
   * @param step the last one that stays
   * @throws IOException if one cannot be removed
   */
  public void removeAfter(long step) throws IOException {
    for (Path later : bySteps(folder).tailMap(step, false).values()) {
      LOG.info("removing {}: the run goes on from step {}", later, step);
      remove(later);
    }
  }

  /**
   * Removes the checkpoints that a rule does not keep. Each is gone from the list at once, before
   * its files are.
   *
   * @param ranking steps from the best one; of those that are not there, nothing is said
   * @return what was removed
   * @throws IOException if one cannot be removed
   */
  public List<Path> keep(Retention rule, List<Long> ranking) throws IOException {
    NavigableMap<Long, Path> all = bySteps(folder);
    all.keySet().removeAll(rule.kept(all.navigableKeySet(), ranking));
    for (Path superfluous : all.values()) {
      remove(superfluous);
    }
    return List.copyOf(all.values());
  }

  /**
   * Makes {@code best} another name of the first checkpoint of a ranking that is there.
   *
   * @param ranking steps from the best one; if none is there, nothing is done
   * @return the path of that name
   * @throws IOException if the name cannot be made
   */
  public Optional<Path> best(List<Long> ranking) throws IOException {
    Set<Long> there = bySteps(folder).keySet();
    Optional<Long> best = ranking.stream().filter(there::contains).findFirst();
    return best.isEmpty()
        ? Optional.empty()
        : Optional.of(new BestName(folder).pointTo(name(best.get())));
  }

  private static void remove(Path checkpoint) throws IOException {
    try (Aside aside = Aside.of(homeOf(checkpoint).orElse(checkpoint))) {
      Files.move(checkpoint, aside.path(), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** The name of the folder of a step. */
  static String name(long step) {
    return String.format(Locale.ROOT, "step-%06d", step);
  }

  /** Whether {@code name} is the name of a file in a folder, not a path that leads elsewhere. */
  static boolean isPlainName(String name) {
    return name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*");
  }

  /** The checkpoint before {@code checkpoint} in the same folder. */
  static Optional<Path> earlierThan(Path checkpoint) {
    Path home = homeOf(checkpoint).orElse(checkpoint).toAbsolutePath().normalize();
    if (home.getFileName() == null) {
      return Optional.empty();
    }
    Matcher name = STEP.matcher(home.getFileName().toString());
    Path folder = home.getParent();
    if (!name.matches() || folder == null) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(bySteps(folder).lowerEntry(Long.valueOf(name.group(1))))
          .map(Map.Entry::getValue);
    } catch (IOException e) {
      LOG.debug("cannot look for earlier checkpoints", e);
      return Optional.empty();
    }
  }

  /** Everything that an interrupted write may have left in {@code folder}. */
  static List<Path> leftovers(Path folder) throws IOException {
    return entries(folder).stream()
        .filter(path -> ASIDE.matcher(path.getFileName().toString()).matches())
        .toList();
  }

  /** Where a complete checkpoint that was moved aside belongs; empty for anything else. */
  static Optional<Path> homeOf(Path displaced) {
    Matcher name = DISPLACED.matcher(String.valueOf(displaced.getFileName()));
    return name.matches() ? Optional.of(displaced.resolveSibling(name.group(1))) : Optional.empty();
  }

  private static NavigableMap<Long, Path> bySteps(Path folder) throws IOException {
    NavigableMap<Long, Path> checkpoints = new TreeMap<>();
    for (Path entry : entries(folder)) {
      // a write that was killed between its two renames leaves the displaced one only
      Path home = homeOf(entry).orElse(entry);
      Matcher name = STEP.matcher(home.getFileName().toString());
      if (name.matches() && Files.isDirectory(entry)) {
        checkpoints.merge(
            Long.valueOf(name.group(1)), entry, (one, other) -> one.equals(home) ? one : other);
      }
    }
    return checkpoints;
  }

  private static List<Path> entries(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted(Comparator.naturalOrder()).toList();
    }
  }
}
