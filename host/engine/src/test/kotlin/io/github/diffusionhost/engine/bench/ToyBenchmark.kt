package io.github.diffusionhost.engine.bench

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Block
import ai.djl.nn.core.Linear
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.ops.Ops
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.TinyScheduler

private const val LAYERS = 20
private const val WIDTH = 64
private const val BATCH = 32
private const val WARM_UP = 300
private const val STEPS = 1000
private const val ROUNDS = 5

/** Twenty linear layers of 64 values with SiLU between them, on images of 8×8 pixels. */
private class Toy : Denoiser() {
  private val layers: List<Block> =
    List(LAYERS) { child("layer$it", Linear.builder().setUnits(WIDTH.toLong()).build(), Shape(1, WIDTH.toLong())) }

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    var h = x.reshape(-1, WIDTH.toLong()).add(noiseCondition.reshape(-1, 1))
    layers.forEachIndexed { i, layer -> h = pass.apply(layer, if (i == 0) h else Ops.silu(h)) }
    return h.reshape(x.shape)
  }
}

private object Noise8 : ImageDataset {
  override fun shape() = ImageShape(1, 8, 8)

  override fun size() = 1024

  override fun classNames(): List<String> = listOf()

  override fun read(index: Int, target: ByteArray, offset: Int) {
    for (i in 0 until WIDTH) target[offset + i] = (index * 31 + i * 7).toByte()
  }

  override fun label(index: Int) = 0

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED
}

private fun step(manager: NDManager, compiled: Boolean): TrainingStep {
  val network = Network.initialize(Toy(), TinyScheduler, Noise8.shape(), false, manager)
  val batches = DatasetBatches(ResidentDataset.load(Noise8, manager), manager, 5, 0.0)
  val options = OptimizerOptions.DEFAULTS
  val averages = listOf(Ema(EmaOptions.DEFAULTS, network.weights()))
  val optimizer = OptimizerState.of(options, network.trainable())
  val setup = TrainingSetup(network, batches, BATCH, BATCH, optimizer, 1.0, averages)
  return if (compiled) CompiledStep(setup, TrainOptions.Precision.FP32) else EagerStep(setup)
}

/** The training step of a small network, where the work around the arithmetic is what counts; prints milliseconds. */
fun main() {
  NDManager.newBaseManager("PyTorch").use { manager ->
    val steps = listOf("operation by operation" to step(manager, false), "compiled" to step(manager, true))
    val number = LongArray(steps.size)
    fun run(i: Int, count: Int): Double {
      val times = DoubleArray(count)
      for (k in 0 until count) {
        val start = System.nanoTime()
        steps[i].second.run(number[i]++, 1e-4)
        times[k] = 1e-6 * (System.nanoTime() - start)
      }
      return times.sorted()[count / 2]
    }
    steps.indices.forEach { run(it, WARM_UP) }
    val medians = List(ROUNDS) { steps.indices.map { run(it, STEPS) } }
    steps.forEachIndexed { i, (name, step) ->
      val each = medians.map { it[i] }.sorted()
      println(
        "%s: %.3f ms a step (medians of %d rounds: %.3f to %.3f)"
          .format(name, each[ROUNDS / 2], ROUNDS, each.first(), each.last())
      )
      check(step.sums().loss().isFinite())
    }
  }
}
