package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.checkpoint.Checkpoint;
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder;
import io.github.diffusionhost.engine.checkpoint.Retention;
import io.github.diffusionhost.engine.options.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a training: it goes on from them, writes them, and says which of them stay.
 */
final class RunCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);

  private final CheckpointFolder folder;
  private final TrainingState state;
  private final Retention retention;
  private final Evaluations evaluations;
  private final TrainListener listener;

  /** The steps of the newest one. */
  private volatile long saved;

  /**
   * Checkpoints.
   *
   * @param evaluations say which of them are the best
   * @param listener told of every one that {@link #save} writes
   */
  RunCheckpoints(
      CheckpointFolder folder,
      TrainingState state,
      TrainOptions options,
      Evaluations evaluations,
      TrainListener listener) {
    this.folder = folder;
    this.state = state;
    this.retention = new Retention(options.keepLast(), options.keepBest());
    this.evaluations = evaluations;
    this.listener = listener;
  }

  /** The newest one that is whole. */
  Optional<Checkpoint> latest() throws IOException {
    return folder.latestUsable();
  }

  /** Where to go on after a failure, in words. */
  String lastGood() throws IOException {
    return latest()
        .map(checkpoint -> "the last good checkpoint is " + checkpoint.folder())
        .orElse("there is no checkpoint yet");
  }

  /**
   * Goes on from one.
   *
   * @return see {@link Trainer#resume}
   */
  Map<String, Integer> load(Checkpoint checkpoint) throws IOException {
    Map<String, Integer> leftOut = state.load(checkpoint);
    saved = state.done();
    return leftOut;
  }

  /** Writes one of the state as it is, and nothing else. */
  Path write() throws IOException {
    return state.save(folder);
  }

  /** Writes one after a step; those that need not stay go. */
  void save() throws IOException {
    saved(write());
  }

  private void saved(Path written) throws IOException {
    saved = state.done();
    prune();
    listener.saved(written);
  }

  /** The ranking has changed. */
  void ranked() throws IOException {
    folder.best(evaluations.ranking());
    prune();
  }

  /**
   * Saves what the last whole step has left, unless that is done or the step at hand has begun to
   * change it.
   *
   * @return whether the newest checkpoint is that of the last whole step
   */
  boolean rescue() throws IOException {
    if (saved != state.done()) {
      if (!state.whole()) {
        return false;
      }
      saved(state.rescue(folder));
    }
    return true;
  }

  private void prune() throws IOException {
    for (Path pruned : folder.keep(retention, evaluations.ranking())) {
      LOG.debug("{} is neither new nor good enough to stay", pruned);
    }
  }
}
