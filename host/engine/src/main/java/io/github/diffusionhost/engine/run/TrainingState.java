package io.github.diffusionhost.engine.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import io.github.diffusionhost.engine.options.EmaOptions;
import io.github.diffusionhost.engine.train.EagerStep;
import io.github.diffusionhost.engine.train.Ema;
import io.github.diffusionhost.engine.train.InPlace;
import io.github.diffusionhost.engine.train.Optimizer;
import io.github.diffusionhost.engine.train.StepReport;
import io.github.diffusionhost.engine.train.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that changes in a training: weights, running averages, optimizer, counts. */
final class TrainingState implements AutoCloseable {
  private final TrainingPlan plan;
  private final EagerStep step;
  private final List<Ema> averages = new ArrayList<>();
  private long done;
  private double seconds;
  private Totals sinceLog = Totals.NONE;

  TrainingState(TrainingPlan plan) {
    this.plan = plan;
    this.step =
        new EagerStep(
            plan.network(),
            Optimizer.of(plan.options().optimizer(), plan.network().trainable()),
            plan.options().clipNorm());
    for (EmaOptions options : plan.options().ema()) {
      averages.add(new Ema(options, plan.network().weights()));
    }
  }

  EagerStep step() {
    return step;
  }

  long done() {
    return done;
  }

  long images() {
    return done * plan.options().batchSize();
  }

  double seconds() {
    return seconds;
  }

  /** What the steps since the last log line add up to. */
  Totals sinceLog() {
    return sinceLog;
  }

  double imagesPerSecond() {
    return sinceLog.steps() * plan.options().batchSize() / sinceLog.seconds();
  }

  /** The weights to sample from: the first running average, or the trained weights. */
  Weights averaged() {
    return averages.isEmpty() ? plan.network().weights() : averages.get(0).weights();
  }

  void stepped(StepReport report, double took) {
    for (Ema average : averages) {
      average.update(plan.network().weights(), done);
    }
    done++;
    seconds += took;
    sinceLog = sinceLog.plus(report, took);
  }

  void logged() {
    sinceLog = Totals.NONE;
  }

  Path save(CheckpointFolder folder) throws IOException {
    ImageSpec images = ImageSpec.of(plan.dataset());
    Map<String, Double> numbers = new LinkedHashMap<>(images.doubles());
    numbers.put("seconds", seconds);
    numbers.put("sinceLog.seconds", sinceLog.seconds());
    numbers.put("sinceLog.loss", sinceLog.loss());
    numbers.put("sinceLog.gradientNorm", sinceLog.gradientNorm());
    Map<String, Long> counts = new LinkedHashMap<>(images.longs());
    counts.put("sinceLog.steps", sinceLog.steps());
    return folder.write(
        new CheckpointState(done, images(), counts, numbers, Map.of()),
        files(),
        Map.of(RunFiles.CONFIG, plan.config()));
  }

  void load(Checkpoint checkpoint) throws IOException {
    NDManager manager = plan.network().manager();
    for (Map.Entry<String, Map<String, NDArray>> file : files().entrySet()) {
      try (NDManager scope = manager.newSubManager()) {
        copy(checkpoint.tensors(file.getKey(), scope), file.getValue(), checkpoint, file.getKey());
      }
    }
    done = checkpoint.state().step();
    Map<String, Double> numbers = checkpoint.state().doubles();
    seconds = numbers.getOrDefault("seconds", 0.0);
    sinceLog =
        new Totals(
            checkpoint.state().longs().getOrDefault("sinceLog.steps", 0L),
            numbers.getOrDefault("sinceLog.seconds", 0.0),
            numbers.getOrDefault("sinceLog.loss", 0.0),
            numbers.getOrDefault("sinceLog.gradientNorm", 0.0));
  }

  @Override
  public void close() {
    averages.forEach(Ema::close);
    step.close();
  }

  private Map<String, Map<String, NDArray>> files() {
    Map<String, Map<String, NDArray>> files = new LinkedHashMap<>();
    files.put(RunFiles.MODEL, plan.network().weights().values());
    for (int i = 0; i < averages.size(); i++) {
      files.put(RunFiles.ema(i), averages.get(i).weights().values());
    }
    files.put(RunFiles.OPTIMIZER, step.optimizerState());
    return files;
  }

  private static void copy(
      Map<String, NDArray> from, Map<String, NDArray> to, Checkpoint checkpoint, String file)
      throws IOException {
    for (Map.Entry<String, NDArray> entry : to.entrySet()) {
      NDArray value = from.get(entry.getKey());
      if (value == null || !value.getShape().equals(entry.getValue().getShape())) {
        throw new IOException(
            "%s: %s has no tensor %s of shape %s, which the config asks for; resume with the config that made it"
                .formatted(checkpoint.folder(), file, entry.getKey(), entry.getValue().getShape()));
      }
    }
    to.forEach((name, value) -> InPlace.copy(from.get(name), value));
  }

  /** Sums over steps. */
  record Totals(long steps, double seconds, double loss, double gradientNorm) {
    static final Totals NONE = new Totals(0, 0, 0, 0);

    Totals plus(StepReport report, double took) {
      return new Totals(
          steps + 1, seconds + took, loss + report.loss(), gradientNorm + report.gradientNorm());
    }
  }
}
