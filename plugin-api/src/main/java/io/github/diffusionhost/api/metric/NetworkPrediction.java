package io.github.diffusionhost.api.metric;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * What a network says of noisy images of one noise level. The network is told the level as in
 * sampling.
 *
 * <p>It belongs to the host and is for the evaluation's thread.
 */
public interface NetworkPrediction {
  /**
   * Runs the network once.
   *
   * @param seen noisy images [N,C,H,W] float32, as {@link
   *     io.github.diffusionhost.api.scheduler.NoiseLevel#seen} makes them
   * @param level of the {@link io.github.diffusionhost.api.scheduler.Scheduler}
   * @param labels [N] int64; null for a network that takes none
   * @return its prediction [N,C,H,W] float32, in the caller's scope
   */
  NDArray of(NDArray seen, double level, @Nullable NDArray labels);

  /** The arithmetic that it runs in, for a report's protocol: {@code fp32}, {@code bf16}. */
  String precision();
}
