package io.github.diffusionhost.api.metric;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation: sees every generated image once, batch by batch, and then reports.
 *
 * <p>All calls come from the evaluation's thread: {@link #add} for each batch, {@link #report}
 * once.
 */
public interface Metric extends AutoCloseable {
  /**
   * How many generated images are wanted.
   *
   * @param requested what the config asks for
   * @return 0 for a metric that looks at the network or the data alone
   */
  default int samples(int requested) {
    return requested;
  }

  /**
   * Takes a batch of generated images. The arrays are valid during the call, and this metric's own:
   * another metric of the same evaluation sees nothing of what is done to them.
   *
   * @param images bytes [N,C,H,W] uint8
   * @param labels [N] int64, the labels they were generated for; null if none
   */
  void add(NDArray images, @Nullable NDArray labels);

  /**
   * The result over all images seen. The work of a metric that looks at the network is done here.
   *
   * @throws IOException if a reference image cannot be read
   * @throws IllegalStateException if there is no result; the message says why and what to do
   */
  MetricReport report() throws IOException;

  @Override
  default void close() {}
}
