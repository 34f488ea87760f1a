package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.engine.batch.DatasetBatches;
import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.levels.ReferenceCurves;
import io.github.diffusionhost.engine.options.TrainOptions;
import io.github.diffusionhost.engine.posthoc.EmaSnapshots;
import io.github.diffusionhost.engine.reference.LinearReference;
import io.github.diffusionhost.engine.schedule.LrSchedule;
import io.github.diffusionhost.engine.scope.NoGradients;
import io.github.diffusionhost.engine.step.DivergedException;
import io.github.diffusionhost.engine.step.FrozenStepException;
import io.github.diffusionhost.engine.step.OutOfDeviceMemoryException;
import io.github.diffusionhost.engine.step.StepSums;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
  private final RunCheckpoints checkpoints;
  private final SampleGrids grids;
  private final StepBoundary boundary;
  private double loss = Double.NaN;

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
    this.references = new ReferenceCurves(scheduler, LinearReference.of(plan.data()));
    this.state =
        new TrainingState(
            plan,
            new DatasetBatches(
                plan.data(),
                plan.network().manager(),
                plan.seed(),
                options.labelDropout(),
                options.noiseOn(plan.network().manager().getDevice())),
            references.bins());
    this.lr = LrSchedule.of(options, plan.data().size());
    this.checkpoints =
        new RunCheckpoints(
            new CheckpointFolder(directory.checkpoints()), state, options, evaluations, listener);
    this.grids = new SampleGrids(plan, directory, state, listener);
    this.boundary =
        new StepBoundary(
            plan,
            state,
            new EmaSnapshots(directory.emaSnapshots()),
            checkpoints,
            grids,
            evaluations,
            listener);
  }

  /**
   * Goes back to the newest checkpoint that is whole; to step 0 if there is none.
   *
   * @return the checkpoint
   * @throws IOException if it belongs to another network
   */
  public Optional<Checkpoint> resume() throws IOException {
    Optional<Checkpoint> latest = checkpoints.latest();
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
    return checkpoints.load(checkpoint);
  }

  /**
   * Writes a checkpoint of the training as it is.
   *
   * @return its folder
   */
  public Path checkpoint() throws IOException {
    return checkpoints.write();
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
   * @throws OutOfDeviceMemoryException if a compiled step does not fit the device
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
                  checkpoints.lastGood(),
                  checkpoints.latest().isPresent() ? "resume the run" : "begin anew"));
    } catch (OutOfDeviceMemoryException e) {
      rescue(e);
      throw e.with(
          checkpoints.lastGood()
              + (checkpoints.latest().isPresent() ? ", from which --resume goes on" : ""));
    } catch (UncheckedIOException e) {
      IOException cause = Objects.requireNonNull(e.getCause()); // as its constructors ask for
      rescue(cause);
      throw cause;
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
    return checkpoints.rescue();
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
    grids.close();
    state.close();
  }

  private Outcome train(BooleanSupplier stop) throws IOException {
    long total = plan.totalSteps();
    Files.createDirectories(directory.samples());
    AtomicFile.write(directory.references(), references.toJson());
    boundary.restart();
    try (RunLog log =
        new RunLog(directory, state.done(), plan.config(), evaluations.found(), listener::logged)) {
      listener.started(state.done(), total);
      if (state.done() > 0 && !boundary.makeUp(log)) {
        return Outcome.STOPPED;
      }
      while (state.done() < total) {
        oneStep(total, log);
        boolean stopping = state.done() < total && stop.getAsBoolean();
        if (!boundary.cross(log, stopping)) {
          return Outcome.STOPPED;
        }
      }
    }
    return Outcome.FINISHED;
  }

  private void oneStep(long total, RunLog log) throws IOException {
    long number = state.done() + 1;
    double rate = lr.at(state.done());
    long start = System.nanoTime();
    state.take(rate);
    int logEvery = plan.options().logEvery();
    boolean logged = (logEvery > 0 && number % logEvery == 0) || number == total;
    StepSums sums = logged ? state.step().sums() : null; // waits for the device
    state.stepped(1e-9 * (System.nanoTime() - start));
    double speed = state.imagesPerSecond();
    if (sums != null) {
      loss = log.write(state, sums, rate);
    }
    double left = (total - state.done()) * (double) plan.options().batchSize() / speed;
    listener.stepped(new TrainListener.Progress(state.done(), total, loss, speed, left, logged));
  }

  private DivergedException diverged(DivergedException cause) throws IOException {
    return new DivergedException(
        cause.step(),
        "step "
            + (cause.step() + 1)
            + ": "
            + cause.getMessage()
            + " is not a finite number; "
            + checkpoints.lastGood()
            + "; a lower train.optimizer.lr or a smaller train.clipNorm may help");
  }
}
