package io.github.diffusionhost.plugins.dit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonArray
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
import io.github.diffusionhost.engine.support.golden.Golden
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
import kotlin.math.sqrt

private const val TRAINING = "training/dit_flow"
private const val STEPS = 20
private const val PREFIX = "transformer_model."

/** The recorded training of 20 steps of the reference: `fixtures/training/dit_flow`. */
@Tags("Slow")
class TrainingTrajectorySpec :
  FunSpec({
    val recorded by lazy { Golden.json("$TRAINING/trajectory") }

    test("20 compiled steps are 20 steps operation by operation").config(enabledOrReasonIf = { Golden.installed }) {
      NDManager.newBaseManager().use { manager ->
        val (eager, compiled) = listOf(false, true).map { Trajectory(manager, "plutils_aligned", it) }
        for (k in 0L until STEPS) {
          val expected = eager.step(k).loss()
          compiled.step(k).loss() shouldBe (expected plusOrMinus 1e-5 * expected)
        }
        for ((name, values) in eager.weights().values()) {
          withClue(name) { compiled.weights().values().getValue(name).shouldBeRelativelyClose(values, 1e-5f) }
        }
      }
    }

    for (compiled in listOf(false, true)) {
      for (variant in
        listOf("plutils_as_published", "plutils_aligned", "diffusers_as_published", "diffusers_aligned")) {
        val how = if (compiled) "compiled" else "operation by operation"
        test("20 steps of $variant follow the reference, $how").config(enabledOrReasonIf = { Golden.installed }) {
          NDManager.newBaseManager().use { manager ->
            val run = Trajectory(manager, variant, compiled)
            val expected = recorded.getAsJsonObject("variants").getAsJsonObject(variant).getAsJsonObject("per_step")
            val lr = recorded.getAsJsonArray("lr")
            for (k in 0 until STEPS) {
              run.lr.at(k.toLong()) shouldBe (lr[k].asDouble plusOrMinus 1e-9 * lr[k].asDouble)
              val report = run.step(k.toLong())
              report.loss() shouldBe expected.near("loss", k, 1e-4)
              report.gradientNorm() shouldBe expected.near("grad_norm_before_clip", k, 1e-3)
            }
            run.weights().shouldMatchSampled("final_weights_sampled_$variant", manager)
            if (variant.endsWith("as_published"))
              run.ema.weights().shouldMatchSampled("ema_weights_sampled_$variant", manager)
          }
        }
      }
    }
  })

/** The recorded batches: images in [0, 1], classes and draws of every step. */
private class RecordedBatches(private val recorded: Map<String, NDArray>) : BatchSource {
  private val images = recorded.getValue("images").let { it.reshape(Shape(-1).addAll(it.shape.slice(2))) }

  override fun shape() = ImageShape(1, 12, 12)

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = true

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels.sub(0.5f).div(0.3081f)

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    fun of(name: String) = recorded.getValue(name).get(step)
    val indices = images.manager.arange(0, count, 1, DataType.INT64).add(step * batchSize + first)
    val noise = RecordedNoise(of("normals"), unpacked(of("noise")))
    return StepInputs(indices, of("class_idx").toType(DataType.INT64, false), noise, noise)
  }

  /** "b (h w) (c p q) -> b c (h p) (w q)" for c = 1, p = q = 2. */
  private fun unpacked(tokens: NDArray): NDArray =
    tokens.reshape(-1, 6, 6, 1, 2, 2).transpose(0, 3, 1, 4, 2, 5).reshape(Shape(-1, 1, 12, 12))
}

private class Trajectory(manager: NDManager, variant: String, compiled: Boolean) {
  private val image = ImageShape(1, 12, 12)
  private val options =
    DitOptions(
      2,
      64,
      2,
      4,
      16,
      1,
      4,
      100.0,
      if (variant.endsWith("aligned")) DitOptions.Positions.ALIGNED else DitOptions.Positions.AS_PUBLISHED,
      32,
      if (variant.startsWith("diffusers")) DitOptions.TimeEmbedding.DIFFUSERS else DitOptions.TimeEmbedding.PUBLISHED,
      32,
      DitOptions.ClassEmbedding.SINUSOIDAL,
      0.02,
      true,
    )
  private val network: Network
  private val step: TrainingStep
  val ema: Ema
  val lr =
    LrSchedule(
      LrScheduleOptions(LrScheduleOptions.Kind.WARMUP_CONSTANT, 10, 1e-6, 0.0, 1, null, 0, null, null),
      2e-4,
      STEPS.toLong(),
      4,
      4,
    )

  init {
    // The reference's levels are those of 28×28 pixels whatever the image.
    val scheduler =
      FlowMatchProvider().create(asPublished(), SchedulerContext(ImageShape(1, 28, 28), SeededNoise(manager, 0)))
    val denoiser = DitProvider().create(options, ModelContext(image, 12, false, SeededNoise(manager, 0)))
    network = Network.initialize(denoiser, scheduler, image, true, manager)
    network.weights().load(Golden.tensors(manager, "dit/weights").mapKeys { PREFIX + it.key })
    val adamw = OptimizerOptions(OptimizerOptions.Kind.ADAMW, 2e-4, listOf(0.9, 0.999), 1e-8, 0.01, 0.0)
    ema = Ema(EmaOptions(EmaOptions.Kind.CONSTANT, 0.99, 1.0, 0.75, 0.1), network.weights())
    val batches = RecordedBatches(Golden.tensors(manager, "$TRAINING/batches"))
    val size = (batches.pixels(4).shape[0] / STEPS).toInt()
    val optimizer = OptimizerState.of(adamw, network.trainable())
    val setup = TrainingSetup(network, batches, size, size, optimizer, 2.0, listOf(ema))
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
private fun Weights.shouldMatchSampled(name: String, manager: NDManager) {
  val sampled = Golden.tensors(manager, "$TRAINING/$name")
  val listing = Golden.json("$TRAINING/$name")
  val tensors = listing.entriesByName()
  sampled.keys shouldBe tensors.keys
  sampled.keys.map { PREFIX + it }.toSet() shouldBe values().keys
  for ((tensor, expected) in sampled) {
    val values = values().getValue(PREFIX + tensor).toFloatArray()
    val places =
      if (values.size <= 601) values.indices.toList() else (0..600).map { (it.toLong() * values.size / 601).toInt() }
    val reference = expected.toFloatArray()
    withClue(tensor) {
      places.forEachIndexed { j, place -> abs(values[place] - reference[j]) shouldBeLessThanOrEqual 2e-5f }
    }
    val l2 = sqrt(values.sumOf { it.toDouble() * it })
    l2 shouldBe (tensors.getValue(tensor).get("l2").asDouble plusOrMinus 2e-5 * maxOf(1.0, l2))
  }
}

private fun JsonObject.entriesByName(): Map<String, JsonObject> =
  when (val tensors = get("tensors") ?: get("params")) {
    is JsonArray -> tensors.associate { it.asJsonObject.get("name").asString to it.asJsonObject }
    is JsonObject -> tensors.entrySet().associate { it.key to it.value.asJsonObject }
    else -> error("no list of tensors")
  }
