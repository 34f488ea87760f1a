package io.github.diffusionhost.engine.train;

import io.github.diffusionhost.engine.log.MetricsRow;
import java.nio.file.Path;
import java.util.Map;

/** Follows a training; called on its thread. */
public interface TrainListener {
  /**
   * Before the first step.
   *
   * @param done steps already done, by the run that is resumed
   * @param total steps in all
   */
  void started(long done, long total);

  /** After every step. */
  void stepped(Progress progress);

  /** Numbers went to the log. */
  void logged(MetricsRow row);

  /** A sample grid was written. */
  void sampled(Path file);

  /**
   * A sample grid could not be drawn; the training goes on.
   *
   * @param step after which it was due
   * @param fault what the sampler or the network has thrown
   */
  void unsampled(long step, Throwable fault);

  /** A checkpoint was written. */
  void saved(Path checkpoint);

  /**
   * The weights were measured.
   *
   * @param step that they are of
   * @param values the numbers by name; empty if all were known before
   */
  void evaluated(long step, Map<String, Double> values);

  /**
   * Where a training stands.
   *
   * @param done steps done
   * @param total steps in all
   * @param loss the mean loss up to the last line of the log; NaN before the first
   * @param imagesPerSecond over the last steps
   * @param secondsLeft expected, for the steps that are left
   * @param logged whether this step's numbers went to the log
   */
  record Progress(
      long done,
      long total,
      double loss,
      double imagesPerSecond,
      double secondsLeft,
      boolean logged) {}
}
