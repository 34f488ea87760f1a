package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.log.MetricsLog;
import io.github.diffusionhost.engine.log.MetricsRow;
import io.github.diffusionhost.engine.log.TensorBoardLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the files of a run say that it has logged: the lines of {@code metrics.jsonl}, the pictures
 * in {@code samples/}, and what was measured.
 */
record LoggedBefore(
    Map<Long, MetricsRow> rows,
    Map<Long, Map<String, Path>> pictures,
    Map<Long, Map<String, Double>> found) {
  static final String SAMPLES = "samples";
  static final String TRAINED_SAMPLES = "samples_model";
  static final String METRICS = "metrics/";

  private static final Pattern PICTURE = Pattern.compile("step-(\\d{6,18})(-model)?\\.png");

  /** No grid of ours is as large: one that somebody put there. */
  private static final long LARGEST_PICTURE = 1 << 26;

  /** What was logged of the steps up to {@code done}. */
  static LoggedBefore of(RunDirectory directory, long done, Map<Long, Map<String, Double>> found)
      throws IOException {
    Map<Long, MetricsRow> rows = new TreeMap<>();
    if (Files.exists(directory.metrics())) {
      MetricsLog.read(directory.metrics()).forEach(row -> rows.put(row.step(), row));
    }
    Map<Long, Map<String, Path>> pictures = new TreeMap<>();
    Path folder = directory.samples();
    if (done > 0 && Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Matcher name = PICTURE.matcher(file.getFileName().toString());
          if (name.matches() && Long.parseLong(name.group(1)) <= done) {
            pictures
                .computeIfAbsent(Long.valueOf(name.group(1)), step -> new TreeMap<>())
                .put(name.group(2) == null ? SAMPLES : TRAINED_SAMPLES, file);
          }
        }
      }
    }
    return new LoggedBefore(rows, pictures, found);
  }

  void logTo(TensorBoardLog log) throws IOException {
    TreeSet<Long> steps = new TreeSet<>(rows.keySet());
    steps.addAll(pictures.keySet());
    steps.addAll(found.keySet());
    for (long step : steps) {
      if (rows.containsKey(step)) {
        numbers(log, "", step, rows.get(step).values());
      }
      for (Map.Entry<String, Path> picture : pictures.getOrDefault(step, Map.of()).entrySet()) {
        if (Files.size(picture.getValue()) <= LARGEST_PICTURE) {
          log.image(picture.getKey(), step, Files.readAllBytes(picture.getValue()));
        }
      }
      numbers(log, METRICS, step, found.getOrDefault(step, Map.of()));
    }
  }

  static void numbers(TensorBoardLog log, String group, long step, Map<String, Double> values)
      throws IOException {
    for (Map.Entry<String, Double> value : values.entrySet()) {
      log.scalar(group + value.getKey(), step, value.getValue());
    }
  }
}
