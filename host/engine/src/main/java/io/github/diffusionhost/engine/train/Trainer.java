package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.options.Cadence;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.engine.batch.DatasetBatches;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.checkpoint.Retention;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.image.ImageGrid;
import io.github.diffusionhost.engine.levels.ReferenceCurves;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.optimize.LrSchedule;
import io.github.diffusionhost.engine.options.TrainOptions;
import io.github.diffusionhost.engine.posthoc.EmaSnapshots;
import io.github.diffusionhost.engine.reference.LinearReference;
import io.github.diffusionhost.engine.sample.ImageGenerator;
import io.github.diffusionhost.engine.scope.NoGradients;
import io.github.diffusionhost.engine.step.DivergedException;
import io.github.diffusionhost.engine.step.FrozenStepException;
import io.github.diffusionhost.engine.step.StepSums;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains: step after step, with a log, sample grids and checkpoints on the way. For one thread at a
 * time, whichever made it.
 *
 * <p>Everything follows from the plan and the number of the step, so that a run that was cut off
 * and resumed ends with the same weights, bit for bit, as one that was left alone.
 */
public final class Trainer implements AutoCloseable {
  /** How a training ended. */
  public enum Outcome {
    FINISHED,
    STOPPED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final TrainingPlan plan;
  private final RunDirectory directory;
  private final Evaluations evaluations;
  private final TrainListener listener;
  private final ReferenceCurves references;
  private final TrainingState state;
  private final LrSchedule lr;
  private final ImageGenerator generator;
  private final CheckpointFolder checkpoints;
  private final EmaSnapshots snapshots;
  private double loss = Double.NaN;
  private volatile long saved;
  private volatile boolean counted = true;

  /**
   * A training at step 0.
   *
   * @param directory where its files go; what is not there of it is made
   * @param evaluations what is measured on the way
   * @throws IOException if an image cannot be read
   */
  public Trainer(
      TrainingPlan plan, RunDirectory directory, Evaluations evaluations, TrainListener listener)
      throws IOException {
    TrainOptions options = plan.options();
    if (!plan.network().manager().getDevice().isGpu()) {
      ProcessSettings.advice(System.getProperty("os.name"), System.getenv()).ifPresent(LOG::info);
    }
    this.plan = plan;
    this.directory = directory;
    this.evaluations = evaluations;
    this.listener = listener;
    Scheduler scheduler = plan.network().scheduler();
    this.references =
        new ReferenceCurves(
            scheduler, LinearReference.of(plan.data(), plan.dataset().normalization()));
    this.state =
        new TrainingState(
            plan,
            new DatasetBatches(
                plan.data(),
                plan.dataset(),
                plan.network().manager(),
                plan.seed(),
                options.labelDropout()),
            references.bins());
    this.lr = LrSchedule.of(options, plan.data().size());
    this.generator =
        new ImageGenerator(
            plan.network(),
            plan.data().shape(),
            plan.dataset().classNames().size(),
            plan.network().manager(),
            options.precision(),
            options.compile());
    this.checkpoints = new CheckpointFolder(directory.checkpoints());
    this.snapshots = new EmaSnapshots(directory.emaSnapshots());
  }

  /**
   * Goes back to the newest checkpoint that is whole; to step 0 if there is none.
   *
   * @return the checkpoint
   * @throws IOException if it belongs to another network
   */
  public Optional<Checkpoint> resume() throws IOException {
    Optional<Checkpoint> latest = checkpoints.latestUsable();
    if (latest.isPresent()) {
      resume(latest.get());
    }
    return latest;
  }

  /**
   * Goes on from a checkpoint, of this run or of another one.
   *
   * @return how many tensors of which of its files there is no place for: averages that the plan
   *     does not have, moments that its optimizer does not
   * @throws IOException if it belongs to another network, optimizer or batch size
   */
  public Map<String, Integer> resume(Checkpoint checkpoint) throws IOException {
    Map<String, Integer> leftOut = state.load(checkpoint);
    saved = state.done();
    return leftOut;
  }

  /**
   * Writes a checkpoint of the training as it is.
   *
   * @return its folder
   */
  public Path checkpoint() throws IOException {
    return state.save(checkpoints);
  }

  /** The steps done so far. */
  public long done() {
    return state.done();
  }

  /**
   * Measures how fast training is, without changing anything.
   *
   * @param images how many images to run forward and backward; at most a micro-batch
   */
  public double imagesPerSecond(int images) {
    return state.step().imagesPerSecond(Math.min(images, plan.options().microBatch()));
  }

  /**
   * Trains until the end of the plan, or until {@code stop} says so: then a checkpoint is written
   * first. So it is before an exception ends the training, unless the step at hand has begun to
   * change the weights.
   *
   * @param stop asked after every step
   * @throws DivergedException if the loss or a gradient stops being finite
   * @throws FrozenStepException if the code of a plugin does not go on doing what was compiled
   * @throws IOException if an image cannot be read or a file cannot be written
   */
  public Outcome run(BooleanSupplier stop) throws IOException {
    try {
      return NoGradients.in(() -> train(stop));
    } catch (DivergedException e) {
      throw diverged(e);
    } catch (FrozenStepException e) {
      throw new FrozenStepException(
          "%s; %s; %s with --set train.compile=false, and see \"Array code that compiles\" in docs/guides/PLUGINS.md"
              .formatted(
                  e.getMessage(),
                  lastGood(),
                  checkpoints.latestUsable().isPresent() ? "resume the run" : "begin anew"));
    } catch (UncheckedIOException e) {
      rescue(e.getCause());
      throw e.getCause();
    } catch (IOException | RuntimeException | Error e) {
      rescue(e);
      throw e;
    }
  }

  /**
   * Writes a checkpoint of the last whole step, for a process that is about to end while the thread
   * of {@link #run} stands still inside a plugin's code. Nothing happens if the step at hand has
   * begun to change the weights, or the checkpoint is there.
   *
   * @return whether the newest checkpoint is that of the last whole step
   * @throws IOException if it cannot be written
   */
  public boolean rescue() throws IOException {
    if (saved != state.done()) {
      if (!counted || !state.step().intact()) {
        return false;
      }
      save();
    }
    return true;
  }

  private void rescue(Throwable cause) {
    try {
      rescue();
    } catch (IOException | RuntimeException | Error e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    generator.close();
    state.close();
  }

  private Outcome train(BooleanSupplier stop) throws IOException {
    long total = plan.totalSteps();
    Files.createDirectories(directory.samples(0).getParent());
    AtomicFile.write(directory.references(), references.toJson());
    snapshots.removeAfter(state.done());
    evaluations.restart(state.done());
    try (RunLog log =
        new RunLog(directory, state.done(), plan.config(), evaluations.found(), listener::logged)) {
      listener.started(state.done(), total);
      if (state.done() > 0 && !madeUp(log, total)) {
        return Outcome.STOPPED;
      }
      while (state.done() < total) {
        oneStep(total, log);
        boolean last = state.done() == total;
        boolean stopping = !last && stop.getAsBoolean();
        // Before the checkpoint of the same step: a run that is resumed there has its snapshot.
        int snapshotEvery = plan.options().emaSnapshotEvery();
        if (due(snapshotEvery) || (last && snapshotEvery > 0)) {
          state.snapshot(snapshots);
        }
        boolean measured = evaluations.due(state.done());
        if (last || stopping || measured || due(plan.options().checkpointEvery())) {
          save();
        }
        if (last || due(plan.options().sampleEvery())) {
          state.step().sums(); // nothing is drawn from weights that diverged
          sample(log, last, false);
        }
        if (stopping || (measured && !evaluated(log))) {
          return Outcome.STOPPED;
        }
      }
    }
    return Outcome.FINISHED;
  }

  /**
   * Draws and measures what was due after the step of the checkpoint that the run goes on from, and
   * was cut off.
   *
   * @return false if somebody asked to stop
   */
  private boolean madeUp(RunLog log, long total) throws IOException {
    boolean last = state.done() == total;
    if (last || due(plan.options().sampleEvery())) {
      sample(log, last, true);
    }
    return evaluated(log);
  }

  private boolean comparesTrained() {
    return state.averaged() != plan.network().weights();
  }

  private void oneStep(long total, RunLog log) throws IOException {
    long number = state.done();
    double rate = lr.at(number);
    long start = System.nanoTime();
    state.step().run(number, rate);
    counted = false;
    boolean logged = due(plan.options().logEvery(), number + 1) || number + 1 == total;
    StepSums sums = logged ? state.step().sums() : null; // waits for the device
    state.stepped(1e-9 * (System.nanoTime() - start));
    counted = true;
    double speed = state.imagesPerSecond();
    if (sums != null) {
      loss = log.write(state, sums, rate);
    }
    double left = (total - state.done()) * (double) plan.options().batchSize() / speed;
    listener.stepped(new TrainListener.Progress(state.done(), total, loss, speed, left, logged));
  }

  private boolean due(int every) {
    return due(every, state.done());
  }

  private boolean due(Cadence every) {
    return every.due(state.done(), plan.options().batchSize(), plan.data().size());
  }

  private static boolean due(int every, long done) {
    return every > 0 && done % every == 0;
  }

  /**
   * Draws a grid of the averaged weights, and at the end of the trained ones, too, to compare.
   *
   * @param missing whether to draw only what has no file yet
   */
  private void sample(RunLog log, boolean last, boolean missing) throws IOException {
    Path file = directory.samples(state.done());
    if (!(missing && Files.exists(file))) {
      draw(file, state.averaged(), log::samples);
    }
    Path raw = directory.trainedSamples(state.done());
    if (last && comparesTrained() && !(missing && Files.exists(raw))) {
      draw(raw, plan.network().weights(), log::trainedSamples);
    }
  }

  private void draw(Path file, Weights weights, Keep keep) throws IOException {
    BufferedImage grid = grid(weights);
    if (grid != null) {
      keep.grid(file, grid, state.done());
      listener.sampled(file);
    }
  }

  /** Where a grid goes. */
  @FunctionalInterface
  private interface Keep {
    void grid(Path file, BufferedImage grid, long step) throws IOException;
  }

  /** The grid; null if the sampler or the network fails, which ends no training. */
  private @Nullable BufferedImage grid(Weights weights) throws IOException {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray pixels =
          generator.generate(
              plan.samples(), weights, 0, plan.sampleCount(), null, Sampling.Listener.NONE);
      ImageGrid drawn = ImageGrid.of(plan.dataset().normalization().toBytes(pixels));
      if (!plan.realImages()) {
        return drawn.render();
      }
      int[] first = IntStream.range(0, Math.min(plan.sampleCount(), plan.data().size())).toArray();
      return drawn.above(plan.data().choose(first).toByteArray()).render();
    } catch (RuntimeException | Error e) {
      listener.unsampled(state.done(), e);
      return null;
    }
  }

  private void save() throws IOException {
    Path folder = state.save(checkpoints);
    saved = state.done();
    prune();
    listener.saved(folder);
  }

  /**
   * Measures the weights, if that is due.
   *
   * @return false if somebody asked to stop
   */
  private boolean evaluated(RunLog log) throws IOException {
    if (!evaluations.due(state.done())) {
      return true;
    }
    try {
      Map<String, Double> found = evaluations.measure(state.done(), state.averaged());
      log.evaluated(state.done(), found);
      listener.evaluated(state.done(), found);
    } catch (InterruptedException e) {
      LOG.debug("the evaluation after step {} was interrupted", state.done(), e);
      return false;
    }
    checkpoints.best(evaluations.ranking());
    prune();
    return true;
  }

  private void prune() throws IOException {
    TrainOptions options = plan.options();
    Retention rule = new Retention(options.keepLast(), options.keepBest());
    for (Path pruned : checkpoints.keep(rule, evaluations.ranking())) {
      LOG.debug("{} is neither new nor good enough to stay", pruned);
    }
  }

  private DivergedException diverged(DivergedException cause) throws IOException {
    return new DivergedException(
        cause.step(),
        "step "
            + (cause.step() + 1)
            + ": "
            + cause.getMessage()
            + " is not a finite number; "
            + lastGood()
            + "; a lower train.optimizer.lr or a smaller train.clipNorm may help");
  }

  private String lastGood() throws IOException {
    return checkpoints
        .latestUsable()
        .map(checkpoint -> "the last good checkpoint is " + checkpoint.folder())
        .orElse("there is no checkpoint yet");
  }
}
