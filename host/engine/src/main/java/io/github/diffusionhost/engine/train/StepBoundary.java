package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.api.options.Cadence;
import io.github.diffusionhost.engine.posthoc.EmaSnapshots;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is due between two steps, in this order: a snapshot of the averages, a checkpoint, sample
 * grids, an evaluation. The number of the step alone says what.
 */
final class StepBoundary {
  private static final Logger LOG = LoggerFactory.getLogger(StepBoundary.class);

  private final TrainingPlan plan;
  private final TrainingState state;
  private final EmaSnapshots snapshots;
  private final RunCheckpoints checkpoints;
  private final SampleGrids grids;
  private final Evaluations evaluations;
  private final TrainListener listener;

  StepBoundary(
      TrainingPlan plan,
      TrainingState state,
      EmaSnapshots snapshots,
      RunCheckpoints checkpoints,
      SampleGrids grids,
      Evaluations evaluations,
      TrainListener listener) {
    this.plan = plan;
    this.state = state;
    this.snapshots = snapshots;
    this.checkpoints = checkpoints;
    this.grids = grids;
    this.evaluations = evaluations;
    this.listener = listener;
  }

  /** Before the first step: what a run that was cut off has left of later ones is forgotten. */
  void restart() throws IOException {
    snapshots.removeAfter(state.done());
    evaluations.restart(state.done());
  }

  /**
   * Does what is due.
   *
   * @param stopping whether no other step follows though some are left: then a checkpoint is due
   * @return whether to go on: false, too, if somebody asked to stop during the evaluation
   */
  boolean cross(RunLog log, boolean stopping) throws IOException {
    boolean last = last();
    // Before the checkpoint of the same step: a run that is resumed there has its snapshot.
    int snapshotEvery = plan.options().emaSnapshotEvery();
    if (snapshotEvery > 0 && (last || state.done() % snapshotEvery == 0)) {
      state.snapshot(snapshots);
    }
    if (last
        || stopping
        || evaluations.due(state.done())
        || due(plan.options().checkpointEvery())) {
      checkpoints.save();
    }
    if (last || due(plan.options().sampleEvery())) {
      state.step().sums(); // nothing is drawn from weights that diverged
      grids.draw(log, last, false);
    }
    return !stopping && evaluated(log);
  }

  /**
   * Draws and measures what was due after the step of the checkpoint that the run goes on from, and
   * was cut off.
   *
   * @return false if somebody asked to stop
   */
  boolean makeUp(RunLog log) throws IOException {
    if (last() || due(plan.options().sampleEvery())) {
      grids.draw(log, last(), true);
    }
    return evaluated(log);
  }

  private boolean last() {
    return state.done() == plan.totalSteps();
  }

  private boolean due(Cadence every) {
    return every.due(state.done(), plan.options().batchSize(), plan.data().size());
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
    checkpoints.ranked();
    return true;
  }
}
