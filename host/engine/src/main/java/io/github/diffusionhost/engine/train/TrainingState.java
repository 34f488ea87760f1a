package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.engine.batch.BatchSource;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.checkpoint.CheckpointState;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.levels.LevelBins;
import io.github.diffusionhost.engine.levels.LevelState;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.optimize.OptimizerState;
import io.github.diffusionhost.engine.options.EmaOptions;
import io.github.diffusionhost.engine.options.TrainOptions;
import io.github.diffusionhost.engine.posthoc.EmaSnapshots;
import io.github.diffusionhost.engine.schedule.Ema;
import io.github.diffusionhost.engine.step.FrozenStepException;
import io.github.diffusionhost.engine.step.StepCompiler;
import io.github.diffusionhost.engine.step.StepSums;
import io.github.diffusionhost.engine.step.TrainingSetup;
import io.github.diffusionhost.engine.step.TrainingStep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that changes in a training: weights, running averages, optimizer, counts. */
final class TrainingState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingState.class);

  private final TrainingPlan plan;
  private final OptimizerState optimizer;
  private final TrainingStep step;
  private final List<Ema> averages = new ArrayList<>();
  private final LevelBins levels;
  private volatile boolean counted = true;
  private long done;
  private long checked;
  private double seconds;
  private long stepsSinceLog;
  private double secondsSinceLog;

  /**
   * The state before the first step.
   *
   * @param levels the noise levels by which losses are told apart
   */
  TrainingState(TrainingPlan plan, BatchSource batches, LevelBins levels) {
    this.plan = plan;
    this.levels = levels;
    TrainOptions options = plan.options();
    this.optimizer = OptimizerState.of(options.optimizer(), plan.network().trainable());
    for (EmaOptions ema : options.ema()) {
      averages.add(new Ema(ema, plan.network().weights()));
    }
    this.step =
        StepCompiler.step(
            new TrainingSetup(
                plan.network(),
                batches,
                options.batchSize(),
                options.microBatchSize(),
                optimizer,
                options.clipNorm(),
                averages,
                levels),
            options.execution());
  }

  TrainingStep step() {
    return step;
  }

  Network network() {
    return plan.network();
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

  LevelBins levels() {
    return levels;
  }

  double imagesPerSecond() {
    return stepsSinceLog * plan.options().batchSize() / secondsSinceLog;
  }

  /** The weights to sample from: the first running average, or the trained weights. */
  Weights averaged() {
    return averages.isEmpty() ? plan.network().weights() : averages.get(0).weights();
  }

  /**
   * Whether weights, averages and optimizer are those of the last step that counts; asked by
   * another thread, too.
   */
  boolean whole() {
    return counted && step.intact();
  }

  /** Takes the next step, which counts once it is {@link #stepped}. */
  void take(double lr) {
    step.run(done, lr);
    counted = false;
  }

  void stepped(double took) {
    done++;
    stepsSinceLog++;
    seconds += took;
    secondsSinceLog += took;
    boolean inDoubt = false;
    try {
      if (done > 1 && Long.bitCount(done) == 1) {
        check();
      }
    } catch (FrozenStepException e) {
      inDoubt = true;
      throw e;
    } finally {
      counted = !inDoubt; // an image that cannot be read for the check changes nothing
    }
  }

  /**
   * Looks whether the code of the plugins still does what was compiled of it: after 2, 4, 8, …
   * steps, and before every checkpoint, so that none is written of steps that are in doubt.
   */
  private void check() {
    if (checked == done) {
      return;
    }
    String difference = step.difference(done - 1);
    if (difference != null) {
      throw new FrozenStepException(
          String.format(
              Locale.ROOT,
              "after step %d the code of a plugin no longer does what was compiled of it, so that steps %d to %d are in doubt, and are not kept: %s",
              done,
              checked + 1,
              done,
              difference));
    }
    checked = done;
  }

  void logged() {
    step.restart(StepSums.NONE);
    stepsSinceLog = 0;
    secondsSinceLog = 0;
  }

  Path save(CheckpointFolder folder) throws IOException {
    StepSums sums = step.sums();
    check();
    return write(folder, sums);
  }

  /**
   * The same after a failure, which may keep the code of plugins from running once more: then the
   * last steps are saved unseen.
   */
  Path rescue(CheckpointFolder folder) throws IOException {
    StepSums sums = step.sums();
    try {
      check();
    } catch (FrozenStepException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      LOG.warn(
          "steps {} to {} are saved without another look at whether the code of the plugins still does what was compiled of it, which fails: {}",
          checked + 1,
          done,
          e.toString());
    }
    return write(folder, sums);
  }

  private Path write(CheckpointFolder folder, StepSums sums) throws IOException {
    ImageSpec images = ImageSpec.of(plan.dataset());
    Map<String, Double> numbers = new LinkedHashMap<>(images.doubles());
    numbers.put("seconds", seconds);
    numbers.put("sinceLog.seconds", secondsSinceLog);
    numbers.put("sinceLog.loss", sums.loss());
    numbers.put("sinceLog.gradientNorm", sums.gradientNorm());
    Map<String, Long> counts = new LinkedHashMap<>(images.longs());
    counts.put("sinceLog.steps", sums.steps());
    LevelState.put(sums.levels(), counts, numbers);
    return folder.write(
        new CheckpointState(done, images(), counts, numbers, plan.texts()),
        files(),
        Map.of(RunFiles.CONFIG, plan.config()));
  }

  /** Writes the power-function averages. */
  void snapshot(EmaSnapshots snapshots) throws IOException {
    step.sums(); // no averages of weights that diverged
    Map<Double, Map<String, NDArray>> weights = new LinkedHashMap<>();
    List<EmaOptions> options = plan.options().ema();
    for (int i = 0; i < options.size(); i++) {
      if (options.get(i).use() == EmaOptions.Kind.POWER) {
        weights.put(options.get(i).width(), averages.get(i).weights().values());
      }
    }
    ImageSpec images = ImageSpec.of(plan.dataset());
    snapshots.write(
        new CheckpointState(done, images(), images.longs(), images.doubles(), plan.texts()),
        weights,
        plan.config());
  }

  /** Returns how many tensors of which file there is no place for. */
  Map<String, Integer> load(Checkpoint checkpoint) throws IOException {
    requireBatchSize(checkpoint);
    NDManager manager = plan.network().manager();
    Map<String, Map<String, NDArray>> files = files();
    for (Map.Entry<String, Map<String, NDArray>> file : files.entrySet()) {
      try (NDManager scope = manager.newSubManager()) {
        CheckpointTensors.copy(
            checkpoint.tensors(file.getKey(), scope), file.getValue(), checkpoint, file.getKey());
      }
    }
    Map<String, Integer> leftOut = CheckpointTensors.leftOut(checkpoint, files);
    done = checkpoint.state().step();
    checked = done;
    Map<String, Double> numbers = checkpoint.state().doubles();
    seconds = numbers.getOrDefault("seconds", 0.0);
    stepsSinceLog = checkpoint.state().longs().getOrDefault("sinceLog.steps", 0L);
    secondsSinceLog = numbers.getOrDefault("sinceLog.seconds", 0.0);
    step.restart(
        new StepSums(
            stepsSinceLog,
            numbers.getOrDefault("sinceLog.loss", 0.0),
            numbers.getOrDefault("sinceLog.gradientNorm", 0.0),
            LevelState.of(checkpoint.state())));
    return leftOut;
  }

  @Override
  public void close() {
    step.close();
    averages.forEach(Ema::close);
    optimizer.close();
  }

  /** Batches, their order and the learning rate are counted in steps of one size. */
  private void requireBatchSize(Checkpoint checkpoint) throws IOException {
    long steps = checkpoint.state().step();
    long images = checkpoint.state().images();
    if (images != steps * plan.options().batchSize()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s was trained with batches of %d images, and train.batchSize is %d: a run keeps its batch size, and so does a fork; train.microBatchSize, precision and compile may change",
              checkpoint.folder(),
              images / Math.max(1, steps),
              plan.options().batchSize()));
    }
  }

  private Map<String, Map<String, NDArray>> files() {
    Map<String, Map<String, NDArray>> files = new LinkedHashMap<>();
    files.put(RunFiles.MODEL, plan.network().weights().values());
    for (int i = 0; i < averages.size(); i++) {
      files.put(RunFiles.ema(i), averages.get(i).weights().values());
    }
    files.put(RunFiles.OPTIMIZER, optimizer.arrays());
    return files;
  }
}
