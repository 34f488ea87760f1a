package io.github.diffusionhost.plugins.mlflow.folder;

import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.plugins.mlflow.server.RefusedException;
import io.github.diffusionhost.plugins.mlflow.store.RunKey;
import io.github.diffusionhost.plugins.mlflow.store.RunStore;
import io.github.diffusionhost.plugins.mlflow.store.Status;
import io.github.diffusionhost.plugins.mlflow.store.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that MLflow reads: an experiment is a folder of it, a run a folder of that. The layout
 * is that of {@code FileStore} in {@code mlflow/store/tracking/file_store.py}, MLflow 2.9 and 3.7.
 */
public final class FolderStore implements RunStore {
  private static final String DEFAULT_EXPERIMENT = "0";
  private static final String TRASH = ".trash";
  private static final String LIFECYCLE = "lifecycle_stage";
  private static final String ACTIVE = "active";
  private static final int LOCAL_SOURCE = 4; // SourceType of service.proto

  private final Path root;

  public FolderStore(Path root) {
    this.root = root;
  }

  @Override
  public StoredRun create(String experiment, String name, Memory memory) throws IOException {
    if (!Files.exists(root)) {
      Files.createDirectories(root.getParent());
      try (Aside aside = Aside.of(root)) {
        Files.createDirectory(aside.path());
        writeExperiment(aside.path(), DEFAULT_EXPERIMENT, "Default"); // MLflow looks for it
        aside.moveIntoPlace();
      }
    }
    Path folder = experiment(experiment);
    String id = folder.getFileName().toString();
    String run = UUID.randomUUID().toString().replace("-", "");
    RunKey key = new RunKey(root.toString(), id, run);
    memory.keep(key);
    String location = MetaFile.text(MetaFile.read(folder), "artifact_location");
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("artifact_uri", location + "/" + run + "/artifacts");
    meta.put("deleted_time", null);
    meta.put("end_time", null);
    meta.put("entry_point_name", "");
    meta.put("experiment_id", id);
    meta.put(LIFECYCLE, ACTIVE);
    meta.put("run_id", run);
    meta.put("run_name", name);
    meta.put("run_uuid", run);
    meta.put("source_name", "");
    meta.put("source_type", LOCAL_SOURCE);
    meta.put("source_version", "");
    meta.put("start_time", System.currentTimeMillis());
    meta.put("status", Status.RUNNING.number);
    meta.put("tags", List.of());
    meta.put("user_id", System.getProperty("user.name", "unknown"));
    Path place = folder.resolve(run);
    try (Aside aside = Aside.of(place)) {
      for (String part : List.of("metrics", "params", "artifacts", "tags")) {
        Files.createDirectories(aside.path().resolve(part));
      }
      MetaFile.write(aside.path(), meta);
      new FolderRun(aside.path(), key, Map.of()).tags(Map.of("mlflow.runName", name));
      aside.moveIntoPlace();
    }
    return new FolderRun(place, key, Map.of());
  }

  @Override
  public Optional<StoredRun> reopen(RunKey key) throws IOException {
    Path place = root.resolve(key.experiment()).resolve(key.run());
    if (!Files.exists(place.resolve(MetaFile.NAME))
        || !MetaFile.text(MetaFile.read(place), LIFECYCLE).equals(ACTIVE)) {
      return Optional.empty();
    }
    FolderRun run = FolderRun.open(place, key);
    run.status(Status.RUNNING, null);
    return Optional.of(run);
  }

  private Path experiment(String name) throws IOException {
    Optional<Path> known = find(root, name);
    if (known.isPresent()) {
      return known.get();
    }
    if (find(root.resolve(TRASH), name).isPresent()) {
      throw new RefusedException(
          "",
          "the experiment %s in %s is deleted; restore it, or give another experiment"
              .formatted(name, root));
    }
    // Eighteen digits, as MLflow's _generate_unique_integer_id makes them.
    long id = 100_000_000_000_000_000L + new SecureRandom().nextLong(900_000_000_000_000_000L);
    return writeExperiment(root, String.format(Locale.ROOT, "%d", id), name);
  }

  private static Optional<Path> find(Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    Set<Path> folders = new HashSet<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(path -> Files.exists(path.resolve(MetaFile.NAME))).forEach(folders::add);
    }
    for (Path experiment : folders) {
      if (MetaFile.text(MetaFile.read(experiment), "name").equals(name)) {
        return Optional.of(experiment);
      }
    }
    return Optional.empty();
  }

  /**
   * @param at where it is made, which is the store, or will be
   */
  private Path writeExperiment(Path at, String id, String name) throws IOException {
    Path folder = at.resolve(id);
    long now = System.currentTimeMillis();
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("artifact_location", root.resolve(id).toUri().toString().replaceAll("/+$", ""));
    meta.put("creation_time", now);
    meta.put("experiment_id", id);
    meta.put("last_update_time", now);
    meta.put(LIFECYCLE, ACTIVE);
    meta.put("name", name);
    try (Aside aside = Aside.of(folder)) {
      MetaFile.write(Files.createDirectory(aside.path()), meta);
      aside.moveIntoPlace();
    }
    return folder;
  }
}
