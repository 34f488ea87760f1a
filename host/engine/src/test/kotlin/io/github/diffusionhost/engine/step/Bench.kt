package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyNetwork
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** A network with a batch source, all in one scope. */
internal class Bench(
  val manager: NDManager,
  private val compiled: Boolean,
  private val optimizer: OptimizerOptions,
  private val clipNorm: Double = 0.0,
  labelDropout: Double = 0.0,
  averages: List<EmaOptions> = listOf(),
  private val batch: Int = 8,
  private val rounds: Int = 1,
  scheduler: Scheduler = TinyScheduler,
  denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
) {
  private val dataset = CountingDataset(40)
  val network: Network = tinyNetwork(manager, scheduler = scheduler, denoiser = denoiser)
  private val source = DatasetBatches(ResidentDataset.load(dataset, manager), manager, 5, labelDropout)
  val averages = averages.map { Ema(it, network.weights()) }
  val step: TrainingStep =
    TrainingSetup(
        network,
        source,
        batch,
        batch / rounds,
        OptimizerState.of(optimizer, network.trainable()),
        clipNorm,
        this.averages,
      )
      .let { if (compiled) CompiledStep(it, TrainOptions.Precision.FP32) else EagerStep(it) }

  /** One step; what it did is its sums. */
  fun run(number: Long, lr: Double = 1e-2): StepSums {
    step.restart(StepSums.NONE)
    step.run(number, lr)
    return step.sums()
  }

  fun values(): Map<String, List<Float>> = network.weights().values().mapValues { it.value.toFloatArray().toList() }

  /** Of the images of a step. */
  fun meanPixel(number: Long): Float = source.batch(number, batch, 0, batch).images().mean().getFloat()

  /** The gradient that the next step will see, found by an SGD step of rate 1 on a network of equal weights. */
  fun gradientOf(name: String, number: Long): DoubleArray =
    NDManager.newBaseManager().use { manager ->
      val twin = Bench(manager, compiled, sgd())
      twin.network.weights().load(network.weights().values())
      val before = twin.network.trainable().getValue(name).toFloatArray()
      twin.run(number, lr = 1.0)
      val after = twin.network.trainable().getValue(name).toFloatArray()
      DoubleArray(before.size) { before[it].toDouble() - after[it] }
    }
}

internal fun adam(use: OptimizerOptions.Kind = OptimizerOptions.Kind.ADAM, decay: Double = 0.0) =
  OptimizerOptions(use, 1e-2, listOf(0.9, 0.999), 1e-8, decay, 0.0)

internal fun sgd(momentum: Double = 0.0, decay: Double = 0.0) =
  OptimizerOptions(OptimizerOptions.Kind.SGD, 1e-2, listOf(0.9, 0.999), 1e-8, decay, momentum)

/** Tests of steps operation by operation, and of compiled ones. */
internal fun FunSpec.bothWays(tests: suspend FunSpecContainerScope.(Way) -> Unit) {
  for (compiled in listOf(false, true)) {
    context(if (compiled) "compiled" else "operation by operation") { tests(Way(compiled)) }
  }
}

/** One of the two ways. */
internal class Way(val compiled: Boolean) {
  fun bench(
    optimizer: OptimizerOptions,
    clipNorm: Double = 0.0,
    labelDropout: Double = 0.0,
    averages: List<EmaOptions> = listOf(),
    rounds: Int = 1,
    block: (Bench) -> Unit,
  ) =
    NDManager.newBaseManager().use {
      block(Bench(it, compiled, optimizer, clipNorm, labelDropout, averages, rounds = rounds))
    }
}

/** Within a tolerance relative to the largest value. */
internal fun List<Float>.shouldBeClose(other: List<Float>, tolerance: Double) {
  val largest = other.maxOf { abs(it) }
  zip(other).forEach { (a, b) -> a shouldBe (b plusOrMinus (tolerance * largest).toFloat()) }
}
