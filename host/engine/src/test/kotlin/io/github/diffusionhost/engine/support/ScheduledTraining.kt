package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs

private object Stripes : ImageDataset {
  override fun shape() = TINY_SHAPE

  override fun size() = 40

  override fun classNames() = listOf<String>()

  override fun read(index: Int, target: ByteArray, offset: Int) {
    for (i in 0 until 16) target[offset + i] = (index * 31 + i * 7).toByte()
  }

  override fun label(index: Int) = error("stripes have no labels")

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED
}

/** What five steps of 8 images leave: the losses, and the weights by name before and after. */
class ScheduledTraining(
  val losses: List<Double>,
  val first: Map<String, List<Float>>,
  val weights: Map<String, List<Float>>,
) {
  /** That losses and weights are those of [eager] up to rounding. */
  fun shouldBeAs(eager: ScheduledTraining) {
    eager.losses.zip(losses).forEach { (a, b) -> b shouldBe (a plusOrMinus 1e-5 * abs(a)) }
    for ((name, values) in eager.weights) {
      val tolerance = 1e-5f * values.maxOf { abs(it) }
      weights.getValue(name).zip(values).forEach { (a, b) -> a shouldBe (b plusOrMinus tolerance) }
    }
  }

  companion object {
    /**
     * Trains a [TinyDenoiser] under a scheduler.
     *
     * @param condition the noise condition that counts as 1
     */
    fun of(
      compiled: Boolean,
      microBatch: Int,
      condition: Double = 1.0,
      scheduler: (Noise) -> Scheduler,
    ): ScheduledTraining =
      NDManager.newBaseManager().use { manager ->
        fun noise(seed: Long) = HostNoise.single(manager, StagingBuffer(), seed)
        val denoiser = TinyDenoiser(noise(1), condition)
        val network = Network.initialize(denoiser, scheduler(noise(2)), TINY_SHAPE, false, manager)
        val batches = DatasetBatches(ResidentDataset.load(Stripes, manager), manager, 5, 0.0)
        val adam = OptimizerOptions(OptimizerOptions.Kind.ADAM, 1e-2, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
        val setup =
          TrainingSetup(network, batches, 8, microBatch, OptimizerState.of(adam, network.trainable()), 1.0, listOf())
        fun values() = network.weights().values().mapValues { it.value.toFloatArray().toList() }
        val first = values()
        val step = if (compiled) CompiledStep(setup, Precision.FP32) else EagerStep(setup)
        val losses =
          (0L until 5L).map {
            step.restart(StepSums.NONE)
            step.run(it, 1e-2)
            step.sums().loss()
          }
        ScheduledTraining(losses, first, values())
      }
  }
}
