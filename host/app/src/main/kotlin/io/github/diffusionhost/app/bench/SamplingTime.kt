package io.github.diffusionhost.app.bench

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.engine.run.ImageSpec
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.train.Network

/** Times the sampling of images. */
internal class SamplingTime(
  private val network: Network,
  private val images: ImageSpec,
  private val plan: SamplePlan,
  private val manager: NDManager,
) {
  /**
   * Samples, after one image that is not timed.
   *
   * @param count how many images, at most [BATCH] at a time
   * @param repeat how often
   * @return the seconds of each time
   */
  fun seconds(count: Int, repeat: Int): List<Double> {
    val generator = generator()
    sample(generator, 1)
    return List(repeat) {
      val start = System.nanoTime()
      sample(generator, count)
      1e-9 * (System.nanoTime() - start)
    }
  }

  /** What runs the network in sampling. */
  private fun generator() = ImageGenerator(network, images.shape, images.classes, manager)

  private fun sample(generator: ImageGenerator, count: Int) {
    for (first in 0 until count step BATCH) {
      NDScope().use {
        val batch = minOf(BATCH, count - first)
        val samples = generator.generate(plan, network.weights(), first, batch, null, Sampling.Listener.NONE)
        samples.flatten().getFloat(0) // waits for the device
      }
    }
  }

  private companion object {
    const val BATCH = 64
  }
}
