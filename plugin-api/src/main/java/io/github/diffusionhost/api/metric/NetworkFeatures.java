package io.github.diffusionhost.api.metric;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * Intermediate features of a network for images of a noise level. The network is told the level as
 * in sampling, and no label.
 *
 * <p>It belongs to the host and is for the evaluation's thread.
 */
public interface NetworkFeatures {
  /**
   * Makes images noisy, runs the network on them as far as needed, and returns its features.
   *
   * @param images clean images [N,C,H,W] float32, as the network sees pixels
   * @param noise unit normal, of the same shape
   * @param level of the {@link io.github.diffusionhost.api.scheduler.Scheduler}
   * @return [N,F] float32 by name, in the caller's scope
   */
  Map<String, NDArray> of(NDArray images, NDArray noise, double level);

  /**
   * What the network is told where it would be told labels, for a report's protocol: that it takes
   * none, the value that means none, or, if it was trained with a label for every image, the same
   * label for all.
   */
  String label();
}
