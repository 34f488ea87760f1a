package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray

/** The images that metrics look at, in an order that is always the same. */
interface EvaluatedImages {
  /** How many of them a metric looks at; 0 if it looks at none. */
  fun wanted(metric: RunningMetric): Int

  /** What images are, for the protocol of a metric that looks at [count] of them. */
  fun protocol(count: Int): Map<String, String>

  /** How many are given at a time, at most. */
  fun batch(): Int

  /**
   * Gives the images from [first] on.
   *
   * @param total after the last one
   * @throws InterruptedException if somebody asked to stop; whole batches were given then
   */
  fun give(first: Int, total: Int, batch: Int, to: ImageTaker)
}

/** Takes images batch by batch. */
fun interface ImageTaker {
  /**
   * Takes the next images.
   *
   * @param images bytes [N,C,H,W] uint8; valid during the call
   * @param labels [N] int64; null: they have none
   */
  fun take(images: NDArray, labels: NDArray?)
}
