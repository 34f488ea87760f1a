package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.image.Png;
import io.github.diffusionhost.engine.levels.LevelBins;
import io.github.diffusionhost.engine.levels.LevelCurves;
import io.github.diffusionhost.engine.levels.LevelSum;
import io.github.diffusionhost.engine.log.MetricsLog;
import io.github.diffusionhost.engine.log.MetricsRow;
import io.github.diffusionhost.engine.log.TensorBoardLog;
import io.github.diffusionhost.engine.step.StepSums;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The numbers and pictures of a run: metrics.jsonl, TensorBoard events, PNG files. */
final class RunLog implements AutoCloseable {
  private final MetricsLog metrics;
  private final TensorBoardLog events;
  private final Consumer<MetricsRow> follower;

  /**
   * Opens the log of a run that has done some steps; lines of later steps are dropped, and
   * TensorBoard is told what the others say.
   *
   * @param found what was measured of the weights before, by step
   * @param follower told of every line after it was written
   */
  RunLog(
      RunDirectory directory,
      long done,
      String config,
      Map<Long, Map<String, Double>> found,
      Consumer<MetricsRow> follower)
      throws IOException {
    this.follower = follower;
    MetricsLog.truncateAfter(directory.metrics(), done);
    this.metrics = MetricsLog.open(directory.metrics());
    try {
      this.events =
          TensorBoardLog.open(
              directory.root(),
              log -> {
                log.text("config", 0, "```yaml\n" + config + "```\n");
                LoggedBefore.of(directory, done, found).logTo(log);
              });
    } catch (IOException e) {
      metrics.close();
      throw e;
    }
  }

  /**
   * Writes the means since the last line and the scheduler's curves as they are now, and returns
   * the mean of the loss.
   *
   * @param totals what the steps since then add up to
   */
  double write(TrainingState state, StepSums totals, double lr) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", totals.loss() / totals.steps());
    values.put("train/rmse", totals.images().rmse());
    values.put("train/vs_linear", totals.images().vsLinear());
    values.put("train/grad_norm", totals.gradientNorm() / totals.steps());
    values.put("train/lr", lr);
    values.put("train/images_per_second", state.imagesPerSecond());
    byLevel(state.levels(), totals.levels(), values);
    LevelCurves.put(state.network(), state.levels(), values);
    MetricsRow row = new MetricsRow(state.done(), state.images(), state.seconds(), values);
    metrics.append(row);
    LoggedBefore.numbers(events, "", state.done(), values);
    state.logged();
    follower.accept(row);
    return totals.loss() / totals.steps();
  }

  /** A group of its own for each, which TensorBoard shows one below the other. */
  private static void byLevel(LevelBins bins, List<LevelSum> sums, Map<String, Double> values) {
    for (int i = 0; i < sums.size(); i++) {
      LevelSum sum = sums.get(i);
      if (sum.images() > 0) {
        values.put("loss_by_level/" + bins.name(i), sum.meanLoss());
        values.put("rmse_by_level/" + bins.name(i), sum.rmse());
        values.put("vs_linear_by_level/" + bins.name(i), sum.vsLinear());
      }
    }
  }

  /** Writes a sample grid. */
  void samples(Path file, BufferedImage grid, long step) throws IOException {
    events.image(LoggedBefore.SAMPLES, step, grid);
    Png.write(file, grid); // last: a file says that all is done
  }

  /** Writes a sample grid of the trained weights beside that of averaged ones. */
  void trainedSamples(Path file, BufferedImage grid, long step) throws IOException {
    events.image(LoggedBefore.TRAINED_SAMPLES, step, grid);
    Png.write(file, grid);
  }

  /** Writes what was measured of the weights. */
  void evaluated(long step, Map<String, Double> values) throws IOException {
    LoggedBefore.numbers(events, LoggedBefore.METRICS, step, values);
  }

  @Override
  public void close() throws IOException {
    try (metrics) {
      events.close();
    }
  }
}
