package io.github.diffusionhost.app.sample

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDScope
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.app.process.StopSignal
import io.github.diffusionhost.app.terminal.SamplingProgress
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Weights
import io.github.diffusionhost.engine.sample.GivenNoise
import io.github.diffusionhost.engine.sample.ImageGenerator
import io.github.diffusionhost.engine.sample.SamplePlan
import java.io.PrintStream

/**
 * Samples images batch by batch, tells how it goes, and stops on Ctrl-C.
 *
 * @param err where it is told
 * @param start the noise that images start from, [N,C,H,W]; null: drawn
 * @param stepNoise what the sampler draws in its steps, [draws,N,C,H,W]; null: drawn
 */
class SampleBatches(
  private val generator: ImageGenerator,
  private val plan: SamplePlan,
  private val weights: Weights,
  private val spec: ImageSpec,
  private val err: PrintStream,
  private val start: NDArray? = null,
  private val stepNoise: NDArray? = null,
) {
  /**
   * Samples images up to [total], at most [most] at a time.
   *
   * @param done how many of them there are already
   * @throws InterruptedException if somebody asked to stop; whole batches are in [output] then
   */
  fun run(total: Int, most: Int, output: SampleSink, preview: SamplePreview?, done: Int = 0) {
    val status = StatusLine.on(err)
    val progress = SamplingProgress(status, total, plan.steps(), done)
    StopSignal(status::line, "stopping after this step; once more to stop at once").use { stop ->
      for (first in done until total step most) {
        val images = minOf(most, total - first)
        val listener = Sampling.Listener { step, state ->
          progress.stepped(step, images)
          preview?.stepped(step, state)
          if (stop.requested()) throw InterruptedException()
        }
        NDScope().use {
          val own = start?.get("$first:${first + images}")
          val given = stepNoise?.let { GivenNoise(it.get(":, $first:${first + images}")) }
          val samples = generator.generate(plan, weights, first, images, own, given, listener)
          if (given?.used() == 0) throw IllegalArgumentException("the sampler draws no noise in its steps")
          requireFinite(samples, first)
          val bytes = spec.normalization.toBytes(samples)
          output.add(samples, bytes)
          preview?.sampled(bytes)
        }
        progress.sampled(images)
      }
    }
  }

  /** What is not a number would become a black pixel. */
  private fun requireFinite(samples: NDArray, first: Int) {
    if (samples.sum().getFloat().isFinite()) return
    val sums = samples.reshape(samples.shape[0], -1).abs().max(intArrayOf(1)).toFloatArray()
    val broken = sums.indexOfFirst { !it.isFinite() }
    if (broken < 0) return
    throw UserError(
      "image ${first + broken}: the network's output is not a number; take a checkpoint of before the training " +
        "diverged, or try --weights model and more --steps"
    )
  }
}
