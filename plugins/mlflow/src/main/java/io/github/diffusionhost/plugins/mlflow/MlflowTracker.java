package io.github.diffusionhost.plugins.mlflow;

import io.github.diffusionhost.api.tracker.RunEnd;
import io.github.diffusionhost.api.tracker.TrackedRow;
import io.github.diffusionhost.api.tracker.TrackedRun;
import io.github.diffusionhost.api.tracker.Tracker;
import io.github.diffusionhost.plugins.mlflow.store.Address;
import io.github.diffusionhost.plugins.mlflow.store.Point;
import io.github.diffusionhost.plugins.mlflow.store.RunKey;
import io.github.diffusionhost.plugins.mlflow.store.RunStore;
import io.github.diffusionhost.plugins.mlflow.store.Status;
import io.github.diffusionhost.plugins.mlflow.store.StoredRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One run of the host as one run of MLflow, however often it is resumed. */
final class MlflowTracker implements Tracker {
  private final StoredRun stored;
  private final boolean artifacts;

  private MlflowTracker(StoredRun stored, boolean artifacts) {
    this.stored = stored;
    this.artifacts = artifacts;
  }

  /** Goes on with the run that {@link TrackedRun#state} names, or makes one. */
  static MlflowTracker start(RunStore store, Address address, MlflowOptions options, TrackedRun run)
      throws IOException {
    Optional<RunKey> key = RunKey.read(run.state(), address);
    Optional<StoredRun> known = key.isPresent() ? store.reopen(key.get()) : Optional.empty();
    StoredRun stored = known.isPresent() ? known.get() : create(store, options, run);
    stored.key().write(run.state());
    stored.tags(tags(run));
    describe(stored, Names.of(run.parameters(), Names.LONGEST_PARAMETER));
    return new MlflowTracker(stored, options.artifacts());
  }

  private static StoredRun create(RunStore store, MlflowOptions options, TrackedRun run)
      throws IOException {
    String name = options.runName() == null ? run.name() : options.runName();
    return store.create(options.experiment(), name, key -> key.write(run.state()));
  }

  /** The run's tags, and those of MLflow's page for a run: see mlflow/utils/mlflow_tags.py. */
  private static Map<String, String> tags(TrackedRun run) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("mlflow.user", System.getProperty("user.name", "unknown"));
    tags.put("mlflow.source.type", "LOCAL");
    tags.put("mlflow.source.name", "diffusion-host");
    String revision = run.tags().get("git.revision");
    if (revision != null) {
      tags.put("mlflow.source.git.commit", revision);
    }
    tags.putAll(run.tags());
    tags.put("folder", run.folder().toString());
    return Names.of(tags, Names.LONGEST_TAG);
  }

  /** A parameter cannot be changed, so what a resumed run has otherwise becomes a tag. */
  private static void describe(StoredRun stored, Map<String, String> parameters)
      throws IOException {
    Map<String, String> added = new LinkedHashMap<>(parameters);
    added.keySet().removeAll(stored.parameters().keySet());
    Map<String, String> changed = new LinkedHashMap<>();
    parameters.forEach(
        (name, value) -> {
          if (!value.equals(stored.parameters().getOrDefault(name, value))) {
            changed.put(Names.of("changed." + name), value);
          }
        });
    stored.parameters(added);
    stored.tags(changed);
  }

  @Override
  public void replay(List<TrackedRow> rows, Map<String, Path> files) throws IOException {
    stored.replay(points(rows));
    Map<String, Set<String>> kept = new HashMap<>();
    for (Map.Entry<String, Path> file :
        artifacts ? files.entrySet() : Map.<String, Path>of().entrySet()) {
      String name = file.getKey();
      String folder = name.substring(0, Math.max(0, name.lastIndexOf('/')));
      if (!kept.containsKey(folder)) {
        kept.put(folder, stored.artifacts(folder));
      }
      if (!kept.getOrDefault(folder, Set.of()).contains(name)) {
        stored.artifact(file.getValue(), name);
      }
    }
  }

  @Override
  public void log(List<TrackedRow> rows) throws IOException {
    stored.points(points(rows));
  }

  private static List<Point> points(List<TrackedRow> rows) {
    List<Point> points = new ArrayList<>();
    for (TrackedRow row : rows) {
      long time = row.time().toEpochMilli();
      points.add(new Point("images", row.images(), time, row.step()));
      points.add(new Point("seconds", row.seconds(), time, row.step()));
      row.values()
          .forEach((name, value) -> points.add(new Point(Names.of(name), value, time, row.step())));
    }
    return points;
  }

  @Override
  public void artifact(Path file, String name) throws IOException {
    if (artifacts) {
      stored.artifact(file, name);
    }
  }

  @Override
  public void ended(RunEnd end) throws IOException {
    if (end.message() != null) {
      stored.tags(Names.of(Map.of("last_failure", end.message()), Names.LONGEST_TAG));
    }
    stored.ended(Status.of(end.outcome()), System.currentTimeMillis());
  }
}
