package io.github.diffusionhost.plugins.edm2.process

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.NormalInitializer
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.options.OptimizerOptions
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.train.CompiledStep
import io.github.diffusionhost.engine.train.DatasetBatches
import io.github.diffusionhost.engine.train.EagerStep
import io.github.diffusionhost.engine.train.Network
import io.github.diffusionhost.engine.train.Optimizer
import io.github.diffusionhost.engine.train.StepSums
import io.github.diffusionhost.engine.train.TrainingSetup
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs

private val SHAPE = ImageShape(1, 4, 4)

/** Two matrices on flattened images, with a shift by the noise condition. */
private class TwoLayers(noise: Noise) : Denoiser() {
  private val hidden = weight("hidden", noise, Shape(16, 32))
  private val out = weight("out", noise, Shape(32, 16))
  private val level = weight("level", noise, Shape(1, 32))

  private fun weight(name: String, noise: Noise, shape: Shape): Parameter =
    parameter(name, Parameter.Type.WEIGHT, NormalInitializer(noise, 0.2), shape)

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    val shift = noiseCondition.reshape(-1, 1).mul(pass.value(level, x))
    return x.reshape(-1, 16).matMul(pass.value(hidden, x)).add(shift).tanh().matMul(pass.value(out, x)).reshape(x.shape)
  }
}

private object Stripes : ImageDataset {
  override fun shape() = SHAPE

  override fun size() = 40

  override fun classNames() = listOf<String>()

  override fun read(index: Int, target: ByteArray, offset: Int) {
    for (i in 0 until 16) target[offset + i] = (index * 31 + i * 7).toByte()
  }

  override fun label(index: Int) = error("stripes have no labels")

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED
}

/** What five steps leave: the losses, and the weights by name before and after. */
private class Trained(
  val losses: List<Double>,
  val first: Map<String, List<Float>>,
  val weights: Map<String, List<Float>>,
)

private fun train(options: Edm2SchedulerOptions, compiled: Boolean, microBatch: Int): Trained =
  NDManager.newBaseManager().use { manager ->
    val denoiser = TwoLayers(HostNoise.single(manager, StagingBuffer(), 1))
    val network =
      Network.initialize(
        denoiser,
        scheduler(options, HostNoise.single(manager, StagingBuffer(), 2)),
        SHAPE,
        false,
        manager,
      )
    fun values() = network.weights().values().mapValues { it.value.toFloatArray().toList() }
    val first = values()
    val batches = DatasetBatches(ResidentDataset.load(Stripes, manager), Stripes, manager, 5, 0.0)
    val adam = OptimizerOptions(OptimizerOptions.Kind.ADAM, 1e-2, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
    val setup =
      TrainingSetup(network, batches, 8, microBatch, Optimizer.of(adam, network.trainable()), adam, 1.0, listOf())
    val step = if (compiled) CompiledStep(setup, Precision.FP32) else EagerStep(setup)
    val losses =
      (0L until 5L).map {
        step.restart(StepSums.NONE)
        step.run(it, 1e-2)
        step.sums().loss()
      }
    Trained(losses, first, values())
  }

class CompiledLossSpec :
  FunSpec({
    for (form in listOf("none", "plain", "normalized", "magnitude-preserving")) {
      for (microBatch in listOf(8, 2)) {
        test("5 compiled steps are 5 steps operation by operation: uncertainty $form, micro-batches of $microBatch") {
          val row = arrayOf<Pair<String, Any>>("uncertainty" to form)
          val eager = train(options(*row), false, microBatch)
          val compiled = train(options(*row), true, microBatch)
          eager.losses.zip(compiled.losses).forEach { (a, b) -> b shouldBe (a plusOrMinus 1e-5 * abs(a)) }
          for ((name, values) in eager.weights) {
            val tolerance = 1e-5f * values.maxOf { abs(it) }
            compiled.weights.getValue(name).zip(values).forEach { (a, b) -> a shouldBe (b plusOrMinus tolerance) }
          }
          train(options(*row), true, microBatch).losses shouldBe compiled.losses
          if (form != "none") {
            eager.weights.getValue("scheduler.linear.weight") shouldNotBe
              eager.first.getValue("scheduler.linear.weight")
            eager.weights.getValue("scheduler.fourier.phases") shouldBe eager.first.getValue("scheduler.fourier.phases")
          }
        }
      }
    }
  })
