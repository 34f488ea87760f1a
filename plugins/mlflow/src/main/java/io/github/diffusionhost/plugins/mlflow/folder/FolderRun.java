package io.github.diffusionhost.plugins.mlflow.folder;

import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.plugins.mlflow.server.RefusedException;
import io.github.diffusionhost.plugins.mlflow.store.Point;
import io.github.diffusionhost.plugins.mlflow.store.RunKey;
import io.github.diffusionhost.plugins.mlflow.store.Status;
import io.github.diffusionhost.plugins.mlflow.store.StoredRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run's folder: {@code params/NAME} and {@code tags/NAME} hold a value each, {@code metrics/NAME}
 * a line {@code TIME VALUE STEP} for each point. A slash in a name is a folder.
 */
final class FolderRun implements StoredRun {
  private static final String PARAMETERS = "params";

  private final Path place;
  private final RunKey key;
  private final Map<String, String> parameters;

  FolderRun(Path place, RunKey key, Map<String, String> parameters) {
    this.place = place;
    this.key = key;
    this.parameters = Map.copyOf(parameters);
  }

  static FolderRun open(Path place, RunKey key) throws IOException {
    Path folder = place.resolve(PARAMETERS);
    Map<String, String> parameters = new LinkedHashMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name = folder.relativize(file).toString().replace('\\', '/');
          parameters.put(name, Files.readString(file));
        }
      }
    }
    return new FolderRun(place, key, parameters);
  }

  @Override
  public RunKey key() {
    return key;
  }

  @Override
  public Map<String, String> parameters() {
    return parameters;
  }

  @Override
  public void parameters(Map<String, String> added) throws IOException {
    write(PARAMETERS, added);
  }

  @Override
  public void tags(Map<String, String> tags) throws IOException {
    write("tags", tags);
  }

  @Override
  public void points(List<Point> points) throws IOException {
    Map<String, String> lines =
        points.stream()
            .collect(
                Collectors.groupingBy(
                    Point::name,
                    LinkedHashMap::new,
                    Collectors.mapping(MetricFile::line, Collectors.joining())));
    for (Map.Entry<String, String> metric : lines.entrySet()) {
      Files.writeString(
          file("metrics", metric.getKey()),
          metric.getValue(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  @Override
  public void replay(List<Point> points) throws IOException {
    long last = points.stream().mapToLong(Point::step).max().orElse(0);
    Map<String, List<Point>> wanted =
        points.stream()
            .collect(Collectors.groupingBy(Point::name, LinkedHashMap::new, Collectors.toList()));
    Set<Path> done = new HashSet<>();
    for (Map.Entry<String, List<Point>> metric : wanted.entrySet()) {
      MetricFile file = new MetricFile(file("metrics", metric.getKey()));
      done.add(file.path());
      file.write(file.timed(metric.getValue()));
    }
    for (MetricFile file : MetricFile.in(place.resolve("metrics"))) {
      if (!done.contains(file.path())) {
        file.forgetAfter(last);
      }
    }
  }

  @Override
  public Set<String> artifacts(String folder) throws IOException {
    Path start = artifacts();
    if (!Files.isDirectory(start.resolve(folder))) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(start.resolve(folder))) {
      return files
          .map(file -> start.relativize(file).toString().replace('\\', '/'))
          .collect(Collectors.toSet());
    }
  }

  @Override
  public void artifact(Path file, String name) throws IOException {
    Path target = artifacts().resolve(name);
    Files.createDirectories(target.getParent());
    try (Aside aside = Aside.of(target)) {
      Files.copy(file, aside.path());
      aside.moveIntoPlace();
    }
  }

  @Override
  public void ended(Status status, long time) throws IOException {
    status(status, time);
  }

  void status(Status status, @Nullable Long endTime) throws IOException {
    Map<String, @Nullable Object> meta = MetaFile.read(place);
    meta.put("status", status.number);
    meta.put("end_time", endTime);
    MetaFile.write(place, meta);
  }

  private Path artifacts() throws IOException {
    String uri = MetaFile.text(MetaFile.read(place), "artifact_uri");
    if (uri.startsWith("file://")) {
      return Path.of(URI.create(uri));
    }
    throw new RefusedException(
        "",
        "the files of this experiment are kept at %s, which is no folder; set artifacts: false, or give another experiment"
            .formatted(uri));
  }

  private void write(String part, Map<String, String> values) throws IOException {
    for (Map.Entry<String, String> value : values.entrySet()) {
      Files.writeString(file(part, value.getKey()), value.getValue());
    }
  }

  /**
   * The file of a name. Where both {@code a} and {@code a/b} are names, which a server can keep and
   * folders cannot, the later one has an underscore: {@code a_b}, or {@code a_}.
   */
  private Path file(String part, String name) throws IOException {
    Path file = place.resolve(part);
    String[] parts = name.split("/", -1);
    String last = parts[0];
    for (int i = 1; i < parts.length; i++) {
      if (Files.isRegularFile(file.resolve(last))) {
        last = last + "_" + parts[i];
      } else {
        file = file.resolve(last);
        last = parts[i];
      }
    }
    Files.createDirectories(file);
    return file.resolve(Files.isDirectory(file.resolve(last)) ? last + "_" : last);
  }
}
