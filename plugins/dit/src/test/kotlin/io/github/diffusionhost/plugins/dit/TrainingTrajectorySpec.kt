package io.github.diffusionhost.plugins.dit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonObject
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.noise.Noise
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
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.schedule.LrSchedule
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.SampledTensors
import io.github.diffusionhost.engine.support.golden.checkNorm
import io.github.diffusionhost.engine.support.golden.checkValues
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.flowmatch.FlowMatchOptions
import io.github.diffusionhost.plugins.flowmatch.FlowMatchProvider
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.math.abs

private const val TRAINING = "training/dit_flow"
private val SETUP = arrayOf("dit/config", "dit/weights", "$TRAINING/batches", "$TRAINING/trajectory")

/** The recorded training of the reference: `training/dit_flow`. */
@Tags("Slow")
class TrainingTrajectorySpec :
  FunSpec({
    golden("compiled steps are steps operation by operation", *SETUP) { golden ->
      NDManager.newBaseManager().use { manager ->
        val (eager, compiled) = listOf(false, true).map { Trajectory(manager, golden, "plutils_aligned", it) }
        for (k in 0L until eager.steps) {
          val expected = eager.step(k).loss()
          compiled.step(k).loss() shouldBe (expected plusOrMinus 1e-5 * expected)
        }
        for ((name, values) in eager.weights().values()) {
          withClue(name) { compiled.weights().values().getValue(name).shouldBeRelativelyClose(values, 1e-5f) }
        }
      }
    }

    for (compiled in listOf(false, true)) {
      for (variant in VARIANTS) {
        val how = if (compiled) "compiled" else "operation by operation"
        val final = "$TRAINING/final_weights_sampled_$variant"
        val average = "$TRAINING/ema_weights_sampled_$variant".takeIf { variant.endsWith("as_published") }
        val weights = listOfNotNull(final, average).toTypedArray()
        golden("the steps of $variant follow the reference, $how", *SETUP, *weights) { golden ->
          NDManager.newBaseManager().use { manager ->
            val run = Trajectory(manager, golden, variant, compiled)
            val recorded = golden.json("$TRAINING/trajectory")
            val expected = recorded.getAsJsonObject("variants").getAsJsonObject(variant).getAsJsonObject("per_step")
            val lr = recorded.getAsJsonArray("lr")
            lr.size() shouldBe run.steps
            for (k in 0 until run.steps) {
              run.lr.at(k.toLong()) shouldBe (lr[k].asDouble plusOrMinus 1e-9 * lr[k].asDouble)
              val report = run.step(k.toLong())
              report.loss() shouldBe expected.near("loss", k, 1e-4)
              report.gradientNorm() shouldBe expected.near("grad_norm_before_clip", k, 1e-3)
            }
            run.weights().shouldMatch(golden.sampled(manager, final))
            if (average != null) run.ema.weights().shouldMatch(golden.sampled(manager, average))
          }
        }
      }
    }
  })

/** The recorded batches: images in [0, 1], classes and draws of every step. */
private class RecordedBatches(private val recorded: Map<String, NDArray>, private val dit: PublishedDit) : BatchSource {
  private val images = recorded.getValue("images").let { it.reshape(Shape(-1).addAll(it.shape.slice(2))) }

  override fun shape() = dit.image

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = true

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels.sub(0.5f).div(0.3081f)

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    fun of(name: String) = recorded.getValue(name).get(step)
    val indices = images.manager.arange(0, count, 1, DataType.INT64).add(step * batchSize + first)
    val noise = RecordedNoise(of("normals"), dit.unpacked(of("noise")))
    return StepInputs(indices, of("class_idx").toType(DataType.INT64, false), noise, noise)
  }
}

private class Trajectory(manager: NDManager, golden: GoldenSet, variant: String, compiled: Boolean) {
  private val recorded = golden.json("$TRAINING/trajectory")
  private val dit = PublishedDit(golden)
  private val network: Network
  private val step: TrainingStep
  val steps = recorded["steps"].asInt
  val ema: Ema
  val lr: LrSchedule

  init {
    val size = recorded["batch_size"].asInt
    val rates = recorded.getAsJsonArray("lr").map { it.asDouble }
    val warmup = rates.indexOf(rates.last()).toLong()
    lr =
      LrSchedule(
        LrScheduleOptions(LrScheduleOptions.Kind.WARMUP_CONSTANT, warmup, rates[0], 0.0, 1, null, 0, null, null),
        rates.last(),
        steps.toLong(),
        size,
        size.toLong(),
      )
    // The reference's levels are those of 28×28 pixels whatever the image.
    val scheduler =
      FlowMatchProvider().create(asPublished(), SchedulerContext(ImageShape(1, 28, 28), SeededNoise(manager, 0)))
    val context = ModelContext(dit.image, dit.classes, false, SeededNoise(manager, 0))
    val denoiser = DitProvider().create(dit.options(variant), context)
    network = Network.initialize(denoiser, scheduler, dit.image, true, manager)
    network.weights().load(dit.weights(manager))
    val optimizer = recorded.getAsJsonObject("optimizer")
    val adamw =
      OptimizerOptions(
        OptimizerOptions.Kind.ADAMW,
        rates.last(),
        optimizer.getAsJsonArray("betas").map { it.asDouble },
        optimizer["eps"].asDouble,
        optimizer["weight_decay"].asDouble,
        0.0,
      )
    val decay = recorded.getAsJsonObject("ema")["decay"].asDouble
    ema = Ema(EmaOptions(EmaOptions.Kind.CONSTANT, decay, 1.0, 0.75, 0.1), network.weights())
    val batches = RecordedBatches(golden.tensors(manager, "$TRAINING/batches"), dit)
    val state = OptimizerState.of(adamw, network.trainable())
    val setup = TrainingSetup(network, batches, size, size, state, recorded["clip_grad_norm"].asDouble, listOf(ema))
    step = if (compiled) CompiledStep(setup, TrainOptions.Precision.FP32) else EagerStep(setup)
  }

  fun weights(): Weights = network.weights()

  fun step(k: Long): StepSums {
    step.restart(StepSums.NONE)
    step.run(k, lr.at(k))
    return step.sums()
  }

  private fun asPublished(): FlowMatchOptions {
    val d = FlowMatchOptions.DEFAULTS
    return FlowMatchOptions(
      d.times(),
      d.mean(),
      d.std(),
      d.modeScale(),
      d.shift(),
      d.shiftFactor(),
      d.baseShift(),
      d.maxShift(),
      d.patch(),
      FlowMatchOptions.TimeCondition.AS_PUBLISHED,
      0.0,
      false,
      d.weighting(),
    )
  }
}

private fun JsonObject.near(name: String, k: Int, tolerance: Double) =
  getAsJsonArray(name)[k].asDouble.let { it plusOrMinus abs(it) * tolerance }

/** Within a tolerance relative to the largest value. */
private fun NDArray.shouldBeRelativelyClose(other: NDArray, tolerance: Float) {
  val difference = sub(other).abs().max().getFloat()
  difference shouldBeLessThanOrEqual tolerance * other.abs().max().getFloat()
}

/** Values at the sampled places within 2e-5, and the whole tensor's L2 norm. */
private fun Weights.shouldMatch(expected: SampledTensors) {
  expected.names().map { PREFIX + it }.toSet() shouldBe values().keys
  for (name in expected.names()) {
    val found = values().getValue(PREFIX + name).toFloatArray()
    withClue(name) {
      expected.checkValues(name, found, 2e-5)
      expected.checkNorm(name, found, 2e-5 * maxOf(1.0, expected.l2(name)))
    }
  }
}
