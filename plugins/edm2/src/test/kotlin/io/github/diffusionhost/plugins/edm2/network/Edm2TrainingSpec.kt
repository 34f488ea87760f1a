package io.github.diffusionhost.plugins.edm2.network

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import ai.djl.pytorch.engine.PtNDArray
import ai.djl.pytorch.jni.JniUtils
import com.google.gson.JsonObject
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.batch.StepInputs
import io.github.diffusionhost.engine.batch.TrainBatch
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.check
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.edm2.process.Edm2SchedulerOptions
import io.github.diffusionhost.plugins.edm2.process.Edm2SchedulerProvider
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs

private val FORMS = mapOf("c" to "plain", "e" to "normalized", "g" to "magnitude-preserving")
private const val RATE = 1e4
private const val TRAINING = "training/edm2_unet_e"
private val TRAINED =
  arrayOf("trajectory", "batches", "final_weights_sampled", "ema_weights_sampled", "ema_pytorch_weights_sampled")
    .map { "$TRAINING/$it" }
    .toTypedArray()

/** Losses and gradients of `edm2`, and the steps of `training/edm2_unet_e`. */
@Tags("Slow")
class Edm2TrainingSpec :
  FunSpec({
    for (letter in FORMS.keys) {
      val files = network(letter) + "edm2/unet_$letter/grads_sampled"
      golden("$letter: the loss and every gradient are the reference's, operation by operation", *files) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenTraining(manager, set, letter)
          golden.network.renormalize()
          GradientScope().use {
            Engine.getInstance().newGradientCollector().use { collector ->
              val loss = golden.loss()
              collector.backward(loss)
              golden.checkLoss(loss.getFloat().toDouble())
            }
          }
          golden.checkGradients { JniUtils.getGradient(it as PtNDArray).toFloatArray() }
        }
      }

      golden("$letter: the loss and every gradient are the reference's, compiled", *files) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenTraining(manager, set, letter)
          golden.descent().use { step ->
            // The step renormalises first; its rounding is that of the gradient.
            val twin = GoldenTraining(manager, set, letter).network
            twin.renormalize()
            val start = twin.weights().values().mapValues { it.value.toFloatArray() }
            step.run(0, RATE)
            golden.checkLoss(step.sums().loss())
            val names = golden.network.weights().values().entries.associate { (name, array) -> array to name }
            golden.checkGradients { array ->
              val before = start.getValue(names.getValue(array))
              val end = array.toFloatArray()
              FloatArray(end.size) { ((before[it].toDouble() - end[it]) / RATE).toFloat() }
            }
          }
        }
      }
    }

    for (compiled in listOf(false, true)) {
      val how = if (compiled) "compiled" else "operation by operation"
      golden("the recorded steps of e follow the reference, $how", *network("e"), *TRAINED) { set ->
        NDManager.newBaseManager().use { manager ->
          val recorded = set.json("$TRAINING/trajectory")
          val perStep = recorded.getAsJsonObject("per_step")
          val batches = set.tensors(manager, "$TRAINING/batches")
          val network = goldenNetwork(manager, set, "e")
          val averages = averages(recorded).map { Ema(it, network.weights()) }
          val optimizer = OptimizerState.of(adam(recorded), network.trainable())
          val size = recorded["batch_size"].asInt
          val setup = TrainingSetup(network, Steps(batches), size, size, optimizer, 0.0, averages)
          val step: TrainingStep = if (compiled) CompiledStep(setup, TrainOptions.Precision.FP32) else EagerStep(setup)
          for (k in 0 until recorded["steps"].asInt) {
            step.restart(StepSums.NONE)
            step.run(k.toLong(), perStep.getAsJsonArray("lr")[k].asDouble)
            val sums = step.sums()
            withClue("step $k") {
              sums.loss() shouldBe perStep.near("loss", k, 1e-4)
              sums.gradientNorm() shouldBe perStep.near("grad_norm", k, 1e-3)
            }
          }
          val found =
            mapOf(
              "final_weights_sampled" to network.weights(),
              "ema_weights_sampled" to averages[0].weights(),
              "ema_pytorch_weights_sampled" to averages[1].weights(),
            )
          for ((name, weights) in found) {
            val expected = set.sampled(manager, "$TRAINING/$name")
            for ((tensor, array) in weights.values()) {
              withClue("$name $tensor") {
                expected.check(referenceName(tensor), array.toFloatArray(), 2e-3, 2e-3)
              }
            }
          }
        }
      }
    }
  })

/** The name of a weight in the reference's state dict. */
private fun referenceName(name: String): String =
  if (name.startsWith("scheduler.")) "reweight_mlp." + name.removePrefix("scheduler.") else "nn_model.$name"

private fun JsonObject.near(name: String, k: Int, tolerance: Double) =
  getAsJsonArray(name)[k].asDouble.let { it plusOrMinus abs(it) * tolerance }

/** The two averages of the recorded training: plain, and as ema-pytorch begins them. */
private fun averages(recorded: JsonObject): List<EmaOptions> {
  val library = recorded.getAsJsonObject("ema_pytorch")
  return listOf(
    EmaOptions(EmaOptions.Kind.CONSTANT, recorded.getAsJsonObject("ema")["decay"].asDouble, 1.0, 0.75, 0.1),
    EmaOptions(
      EmaOptions.Kind.WARMUP,
      library["beta"].asDouble,
      library["inv_gamma"].asDouble,
      library["power"].asDouble,
      0.1,
    ),
  )
}

private fun adam(recorded: JsonObject): OptimizerOptions {
  val adam = recorded.getAsJsonObject("optimizer")
  val betas = adam.getAsJsonArray("betas").map { it.asDouble }
  val rate = recorded.getAsJsonObject("lr_schedule")["lrate"].asDouble
  return OptimizerOptions(
    OptimizerOptions.Kind.ADAM,
    rate,
    betas,
    adam["eps"].asDouble,
    adam["weight_decay"].asDouble,
    0.0,
  )
}

private fun goldenNetwork(manager: NDManager, set: GoldenSet, letter: String): Network {
  val shape = goldenShape(set, letter)
  val form = mapOf("uncertainty" to FORMS.getValue(letter))
  val process =
    Edm2SchedulerProvider()
      .create(
        OptionsSpec.of(Edm2SchedulerOptions.DEFAULTS).create(form),
        SchedulerContext(shape, SeededNoise(manager, 0)),
      )
  val context = ModelContext(shape, 0, false, process.condition(), SeededNoise(manager, 0))
  val denoiser = providers.getValue(letter).create(goldenOptions(set, letter), context)
  val network = Network.initialize(denoiser, process, shape, false, manager)
  val weights = set.tensors(manager, "edm2/unet_$letter/weights")
  network.weights().load(network.weights().values().mapValues { weights.getValue(referenceName(it.key)) })
  return network
}

/** One batch of the fixtures with the network, its loss and its gradients. */
private class GoldenTraining(private val manager: NDManager, private val set: GoldenSet, private val letter: String) {
  private val io = set.tensors(manager, "edm2/unet_$letter/io")
  val network = goldenNetwork(manager, set, letter)
  private val images = io.getValue("images").mul(2).sub(1)

  private fun draws() = RecordedNoise(io.getValue("sigma_normals").reshape(-1), io.getValue("noise"))

  fun loss(): NDArray {
    val draws = draws()
    val pass = Forward.of(network.weights().store(), true, draws)
    return network.loss(pass, TrainBatch(images, null, draws)).perImage().mean()
  }

  fun descent(): CompiledStep {
    val options = OptimizerOptions(OptimizerOptions.Kind.SGD, RATE, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
    val optimizer = OptimizerState.of(options, network.trainable())
    val size = images.shape[0].toInt()
    val batches = One(images, ::draws)
    return CompiledStep(
      TrainingSetup(network, batches, size, size, optimizer, 0.0, listOf()),
      TrainOptions.Precision.FP32,
    )
  }

  fun checkLoss(loss: Double) {
    val expected = io.getValue("loss").getFloat(0).toDouble()
    loss shouldBe (expected plusOrMinus 1e-5 * abs(expected))
  }

  fun checkGradients(found: (NDArray) -> FloatArray) {
    val expected = set.sampled(manager, "edm2/unet_$letter/grads_sampled")
    val global = expected.notes()["grad_global_norm"].asDouble
    val trainable = network.trainable()
    trainable.keys.map(::referenceName).toSet() shouldBe expected.names()
    for ((name, array) in trainable) {
      val reference = referenceName(name)
      val cancelling = if (reference.endsWith(".g")) 1e-6 * global else 0.0
      withClue(name) {
        val tolerance = 5e-4 * expected.absMax(reference) + 1e-7 * global + cancelling
        expected.check(reference, found(array), tolerance, 5e-4)
      }
    }
  }
}

private fun shapeOf(images: NDArray) = images.shape.let { ImageShape(it[1].toInt(), it[2].toInt(), it[3].toInt()) }

private class One(private val images: NDArray, private val draws: () -> Noise) : BatchSource {
  override fun shape() = shapeOf(images)

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = false

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs =
    StepInputs(images.manager.arange(0, count, 1, DataType.INT64), null, RecordedNoise(), draws())
}

/** The recorded images and draws of every step. */
private class Steps(private val recorded: Map<String, NDArray>) : BatchSource {
  private val images = recorded.getValue("images").let { it.reshape(Shape(-1).addAll(it.shape.slice(2))) }.mul(2).sub(1)

  override fun shape() = shapeOf(images)

  override fun type() = DataType.FLOAT32

  override fun pixels(batchSize: Int): NDArray = images

  override fun labelled() = false

  override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

  override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
    val indices = images.manager.arange(0, count, 1, DataType.INT64).add(step * batchSize + first)
    val normals = recorded.getValue("sigma_normals").get(step).reshape(-1)
    return StepInputs(indices, null, RecordedNoise(), RecordedNoise(normals, recorded.getValue("noise").get(step)))
  }
}
