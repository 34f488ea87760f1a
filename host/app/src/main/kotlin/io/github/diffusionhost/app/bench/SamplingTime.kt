package io.github.diffusionhost.app.bench

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.app.run.memoryToUse
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan

/** Times the sampling of images with the weights of a network as they are. */
internal class SamplingTime(
  private val network: Network,
  private val images: ImageSpec,
  private val plan: SamplePlan,
  private val precision: Precision,
  private val manager: NDManager,
) {
  /**
   * Samples, after one image that is not timed.
   *
   * @param count how many images, as many at a time as `host sample` takes
   * @param repeat how often
   * @param compile whether the network runs compiled
   * @return the seconds of each time
   */
  fun seconds(count: Int, repeat: Int, compile: Boolean): List<Double> =
    ImageGenerator(network, images, manager, Execution(precision, compile)).use { generator ->
      val batch = generator.batch(plan, memoryToUse(manager.device), MOST)
      sample(generator, 1, batch)
      List(repeat) {
        val start = System.nanoTime()
        sample(generator, count, batch)
        (System.nanoTime() - start) / 1e9
      }
    }

  private fun sample(generator: ImageGenerator, count: Int, batch: Int) {
    for (first in 0 until count step batch) {
      NDScope().use {
        val images = minOf(batch, count - first)
        val samples = generator.generate(plan, network.weights(), first, images, null, Sampling.Listener.NONE)
        samples.flatten().getFloat(0) // Waits for the device.
      }
    }
  }

  private companion object {
    const val MOST = 256
  }
}
