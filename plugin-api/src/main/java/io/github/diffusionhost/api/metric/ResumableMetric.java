package io.github.diffusionhost.api.metric;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A metric whose evaluation can be interrupted and go on in another process.
 *
 * <p>The host calls {@link #save} between batches, now and then and when somebody stops the
 * evaluation. When the same evaluation is asked for again, of the same images with the same
 * options, it makes a new metric, calls {@link #restore} once before the first {@link #add}, and
 * adds the images that are left, in batches of the same size. The report is then the same, bit for
 * bit, as without the interruption. All calls come from the evaluation's thread.
 *
 * <p>If one metric of an evaluation is not resumable, the evaluation begins anew.
 */
public interface ResumableMetric extends Metric {
  /**
   * Writes everything that {@link #add} has left behind; of what follows from the options or the
   * dataset nothing is needed.
   *
   * @throws IOException what {@code out} throws
   */
  void save(DataOutput out) throws IOException;

  /**
   * Reads what {@link #save} wrote, all of it. After a failure the host closes the metric and makes
   * another one.
   *
   * @throws IOException if this was not written by such a metric, or what {@code in} throws
   */
  void restore(DataInput in) throws IOException;
}
