package io.github.diffusionhost.plugins.mlflow.folder;

import io.github.diffusionhost.api.files.Aside;
import io.github.diffusionhost.plugins.mlflow.store.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A file of a metric: a line {@code TIME VALUE STEP} for each point. */
record MetricFile(Path path) {
  /** Those in a folder and the folders in it. */
  static List<MetricFile> in(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(MetricFile::new).toList();
    }
  }

  /** Python reads Java's numbers, NaN and Infinity among them. */
  static String line(Point point) {
    return String.format(
        Locale.ROOT, "%d %s %d\n", point.time(), Double.toString(point.value()), point.step());
  }

  /** The same points, with the times of those that are in the file. */
  List<Point> timed(List<Point> points) throws IOException {
    Map<Long, Point> there = new HashMap<>();
    points().forEach(point -> there.putIfAbsent(point.step(), point));
    return points.stream()
        .map(
            point -> {
              Point known = there.getOrDefault(point.step(), point);
              return new Point(point.name(), point.value(), known.time(), point.step());
            })
        .toList();
  }

  /** Leaves out the points of later steps; a file that has no others goes. */
  void forgetAfter(long step) throws IOException {
    List<Point> kept = points().stream().filter(point -> point.step() <= step).toList();
    if (kept.isEmpty()) {
      Files.delete(path);
    } else {
      write(kept);
    }
  }

  /** Writes these points and no others; a file that says the same stays. */
  void write(List<Point> points) throws IOException {
    String lines = points.stream().map(MetricFile::line).collect(Collectors.joining());
    if (lines.equals(text())) {
      return;
    }
    try (Aside aside = Aside.of(path)) {
      Files.writeString(aside.path(), lines);
      aside.moveIntoPlace();
    }
  }

  private String text() throws IOException {
    return Files.exists(path) ? Files.readString(path) : "";
  }

  /** Of a line that a process was killed in the middle of, nothing. */
  private List<Point> points() throws IOException {
    List<Point> points = new ArrayList<>();
    String text = text();
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
      String[] parts = line.strip().split(" ");
      try {
        points.add(
            new Point(
                path.getFileName().toString(),
                Double.parseDouble(parts[1]),
                Long.parseLong(parts[0]),
                Long.parseLong(parts[2])));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        // no line of MLflow's
      }
    }
    return points;
  }
}
