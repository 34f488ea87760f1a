package io.github.diffusionhost.engine.run;

import io.github.diffusionhost.engine.log.MetricsLog;
import io.github.diffusionhost.engine.log.TensorBoardLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers and pictures of a run: metrics.jsonl, TensorBoard events, PNG files. */
final class RunLog implements AutoCloseable {
  private final MetricsLog metrics;
  private final TensorBoardLog events;

  /** Opens the log of a run that has done some steps; lines of later steps are dropped. */
  RunLog(RunDirectory directory, long done, String config) throws IOException {
    this.metrics = MetricsLog.resume(directory.metrics(), done);
    this.events = TensorBoardLog.open(directory.root());
    if (done == 0) {
      events.text("config", config, 0);
    }
  }

  /** Writes the means since the last line. */
  void write(TrainingState state, double lr) throws IOException {
    TrainingState.Totals totals = state.sinceLog();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", totals.loss() / totals.steps());
    values.put("train/grad_norm", totals.gradientNorm() / totals.steps());
    values.put("train/lr", lr);
    values.put("train/images_per_second", state.imagesPerSecond());
    metrics.write(state.done(), state.images(), state.seconds(), values);
    for (Map.Entry<String, Double> value : values.entrySet()) {
      events.scalar(value.getKey(), value.getValue(), state.done());
    }
    state.logged();
  }

  /** Writes a sample grid. */
  void samples(Path file, byte[] png, long step) throws IOException {
    io.github.diffusionhost.engine.files.AtomicFile.write(file, png);
    events.image("samples", png, step);
  }

  @Override
  public void close() throws IOException {
    try (metrics) {
      events.close();
    }
  }
}
