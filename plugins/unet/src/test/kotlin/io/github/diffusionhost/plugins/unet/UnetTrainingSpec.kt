package io.github.diffusionhost.plugins.unet

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonObject
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.batch.StepInputs
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.network.Weights
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.schedule.LrSchedule
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.golden.SampledTensors
import io.github.diffusionhost.engine.support.golden.checkNorm
import io.github.diffusionhost.engine.support.golden.checkValues
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.ddpm.DdpmProvider
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs

private const val TRAINING = "training/unet_ddpm"
private const val STEPS = 20
private val SHAPE = ImageShape(3, 16, 16)
private val NETWORK = arrayOf("unet/main/config", "unet/main/diffusion_pytorch_model")
private val RECORDED =
  arrayOf("trajectory", "batches", "final_weights_sampled", "ema_weights_sampled", "ema_warmup_weights_sampled")
    .map { "$TRAINING/$it" }
    .toTypedArray()

/** Steps of U-Nets with DDPM: those recorded in `training/unet_ddpm`, and compiled against eager. */
@Tags("Slow")
class UnetTrainingSpec :
  FunSpec({
    for (compiled in listOf(false, true)) {
      val how = if (compiled) "compiled" else "operation by operation"
      golden("recorded steps follow the reference, $how", *NETWORK, *RECORDED) { golden ->
        NDManager.newBaseManager().use { manager ->
          val recorded = golden.json("$TRAINING/trajectory")
          val expected = recorded.getAsJsonObject("per_step")
          val options = optionsOf(golden.json("unet/main/config"))
          val start = golden.tensors(manager, "unet/main/diffusion_pytorch_model")
          val recipe = Recipe.of(recorded)
          val batches = RecordedBatches(golden.tensors(manager, "$TRAINING/batches"))
          val run = Run(manager, options, compiled, batches, recipe)
          run.network.weights().load(start)
          run.restartAverages()
          for (k in 0 until recipe.steps) {
            run.lr.at(k.toLong()) shouldBe expected.near("lr", k, 1e-9)
            val sums = run.step(k.toLong())
            sums.loss() shouldBe expected.near("loss", k, 1e-4)
            sums.gradientNorm() shouldBe expected.near("grad_norm", k, 1e-3)
          }
          val zero = recorded.getAsJsonArray("tensors_with_mathematically_zero_gradient").map { it.asString }.toSet()
          val found = listOf(run.network.weights()) + run.averages.map { it.weights() }
          val names = listOf("final_weights_sampled", "ema_weights_sampled", "ema_warmup_weights_sampled")
          for ((name, weights) in names.zip(found)) {
            withClue(name) { weights.shouldMatch(golden.sampled(manager, "$TRAINING/$name"), start, zero) }
          }
        }
      }
    }

    val variants =
      mapOf(
        "a batch norm of the input, as in recipe R2" to
          mapOf("inputNorm" to "batch", "downsample" to "max-pool", "dropout" to 0.1),
        "batch norm, max-pooling and dropout" to
          mapOf("firstNorm" to "batch", "downsample" to "max-pool", "dropout" to 0.1),
        "padding to the right, one head and no attention in the middle" to
          mapOf("downsamplePadding" to 0, "headSize" to 0, "midAttention" to false),
      )
    for ((name, values) in variants) {
      test("20 compiled steps are 20 steps operation by operation: $name") {
        NDManager.newBaseManager().use { manager ->
          val options =
            OptionsSpec.of(UnetOptions.TINY).create(values + mapOf("channels" to listOf(8, 16), "normGroups" to 4))
          val (eager, compiled) =
            listOf(false, true).map { Run(manager, options, it, DrawnBatches(manager), Recipe.SHORT) }
          for (k in 0L until STEPS) {
            val expected = eager.step(k).loss()
            compiled.step(k).loss() shouldBe (expected plusOrMinus 1e-5 * expected)
          }
          val found = compiled.network.weights().values()
          for ((weight, array) in eager.network.weights().values()) {
            // Softmax ignores a shift common to all keys: their gradients are rounding, which Adam scales up.
            if (weight.endsWith("to_k.bias")) continue
            // And so does a batch norm of a bias before it, which is a part of its running mean.
            if (weight in setOf("conv_in.bias", "norm_in.running_mean") && "inputNorm" in values) continue
            withClue(weight) {
              val difference = found.getValue(weight).sub(array).abs().max().getFloat()
              (difference <= 1e-5f * maxOf(0.1f, array.abs().max().getFloat())) shouldBe true
            }
          }
        }
      }
    }
  })

/** How a training goes on; its first rate is 0. */
private class Recipe(
  val steps: Int,
  val batch: Int,
  val rate: Double,
  val warmup: Long,
  val betas: List<Double>,
  val eps: Double,
  val decay: Double,
) {
  companion object {
    val SHORT = Recipe(STEPS, 4, 2e-4, 5, listOf(0.9, 0.999), 1e-8, 0.9999)

    fun of(recorded: JsonObject): Recipe {
      val adam = recorded.getAsJsonObject("optimizer")
      val rates = recorded.getAsJsonObject("per_step").getAsJsonArray("lr").map { it.asDouble }
      return Recipe(
        recorded["steps"].asInt,
        recorded["batch_size"].asInt,
        adam["lr"].asDouble,
        rates.indexOf(adam["lr"].asDouble).toLong(),
        adam.getAsJsonArray("betas").map { it.asDouble },
        adam["eps"].asDouble,
        recorded.getAsJsonObject("ema")["decay"].asDouble,
      )
    }
  }
}

private class Run(manager: NDManager, options: UnetOptions, compiled: Boolean, batches: BatchSource, recipe: Recipe) {
  val network: Network
  val averages: List<Ema>
  private val step: TrainingStep
  val lr =
    LrSchedule(
      LrScheduleOptions(LrScheduleOptions.Kind.WARMUP_CONSTANT, recipe.warmup, 0.0, 0.0, 1, null, 0, null, null),
      recipe.rate,
      recipe.steps.toLong(),
      recipe.batch,
      recipe.batch.toLong(),
    )

  init {
    val shape = batches.shape()
    val scheduler = DdpmProvider().create(DdpmProvider().defaults(), SchedulerContext(shape, SeededNoise(manager, 0)))
    val context = ModelContext(shape, 0, false, SeededNoise(manager, 0))
    network = Network.initialize(UnetProvider().create(options, context), scheduler, shape, false, manager)
    averages =
      listOf(EmaOptions.Kind.RAMP, EmaOptions.Kind.WARMUP).map {
        Ema(EmaOptions(it, recipe.decay, 1.0, 0.75, 0.1), network.weights())
      }
    val adam = OptimizerOptions(OptimizerOptions.Kind.ADAM, recipe.rate, recipe.betas, recipe.eps, 0.0, 0.0)
    val optimizer = OptimizerState.of(adam, network.trainable())
    val setup = TrainingSetup(network, batches, recipe.batch, recipe.batch, optimizer, 0.0, averages)
    step = if (compiled) CompiledStep(setup, TrainOptions.Precision.FP32) else EagerStep(setup)
  }

  fun restartAverages() = averages.forEach { it.weights().load(network.weights().values()) }

  fun step(k: Long): StepSums {
    step.restart(StepSums.NONE)
    step.run(k, lr.at(k))
    return step.sums()
  }
}

/** The recorded images, noise and timesteps of every step. */
private class RecordedBatches(private val recorded: Map<String, NDArray>) : BatchSource {
  private val images = recorded.getValue("x0").let { it.reshape(Shape(-1).addAll(it.shape.slice(2))) }

  override fun shape() = images.shape.let { ImageShape(it[1].toInt(), it[2].toInt(), it[3].toInt()) }

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = false

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    val indices = images.manager.arange(0, count, 1, DataType.INT64).add(step * batchSize + first)
    val times = recorded.getValue("t").get(step).toType(DataType.FLOAT32, false).add(0.5).div(1000)
    val noise = RecordedNoise(times, recorded.getValue("noise").get(step))
    return StepInputs(indices, null, noise, noise)
  }
}

/** Images and draws from a seed. */
private class DrawnBatches(private val manager: NDManager) : BatchSource {
  private val staging = StagingBuffer()
  private val images = HostNoise.single(manager, staging, 5).normal(SHAPE.batch(8))

  override fun shape() = SHAPE

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = false

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    val indices = manager.arange(0, count, 1, DataType.INT64).add(step % 2 * count)
    val noise = HostNoise.perImage(manager, staging, step, count) { Streams.seed(1, Streams.Purpose.LOSS, step, it) }
    return StepInputs(indices, null, noise, noise)
  }
}

private fun JsonObject.near(name: String, k: Int, tolerance: Double) =
  getAsJsonArray(name)[k].asDouble.let { it plusOrMinus abs(it) * tolerance }

/** Values at the sampled places within 2e-5, and the whole tensor's L2 norm; [zero] moves by rounding alone. */
private fun Weights.shouldMatch(expected: SampledTensors, start: Map<String, NDArray>, zero: Set<String>) {
  expected.names() shouldBe values().keys
  for (tensor in expected.names()) {
    withClue(tensor) {
      val found = values().getValue(tensor).toFloatArray()
      if (tensor in zero) {
        val before = start.getValue(tensor).toFloatArray()
        found.indices.maxOf { abs(found[it] - before[it]).toDouble() } shouldBeLessThan 3.5e-3
      } else {
        expected.checkValues(tensor, found, 2e-5)
        expected.checkNorm(tensor, found, 2e-5 * maxOf(1.0, expected.l2(tensor)))
      }
    }
  }
}
