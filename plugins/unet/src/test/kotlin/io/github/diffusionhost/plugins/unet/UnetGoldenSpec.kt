package io.github.diffusionhost.plugins.unet

import ai.djl.engine.Engine
import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.pytorch.engine.PtNDArray
import ai.djl.pytorch.jni.JniUtils
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.ops.GradientScope
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.batch.StepInputs
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.support.golden.GoldenSet
import io.github.diffusionhost.engine.support.golden.check
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.engine.support.golden.shouldBeWithin
import io.github.diffusionhost.testkit.RecordedNoise
import io.github.diffusionhost.testkit.SeededNoise
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** Outputs, losses and gradients of the golden numbers in `unet`. */
@Tags("Slow")
class UnetGoldenSpec :
  FunSpec({
    for (name in listOf("main", "class_cond", "google_style")) {
      val network = files(name, "config", "diffusion_pytorch_model", "io")
      val all = network + files(name, "check", "grads")

      golden("$name: outputs are the reference's", *network) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenUnet(manager, set, name)
          golden.predict(false).toFloatArray().shouldBeWithin(2e-5, golden.io.getValue("output").toFloatArray())
        }
      }

      golden("$name: the loss and every gradient are the reference's, operation by operation", *all) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenUnet(manager, set, name)
          GradientScope().use {
            Engine.getInstance().newGradientCollector().use { collector ->
              val loss = golden.predict(true).sub(golden.io.getValue("target")).square().mean()
              collector.backward(loss)
              golden.checkLoss(loss.getFloat().toDouble())
            }
          }
          golden.checkGradients { JniUtils.getGradient(it as PtNDArray).toFloatArray() }
        }
      }

      golden("$name: the loss and every gradient are the reference's, compiled", *all) { set ->
        NDManager.newBaseManager().use { manager ->
          val golden = GoldenUnet(manager, set, name)
          val before = golden.network.weights().values().mapValues { it.value.toFloatArray() }
          golden.step().use { step ->
            // A step of plain descent at a large rate: its rounding is that of the gradient.
            step.run(0, RATE)
            golden.checkLoss(step.sums().loss())
          }
          val names = golden.network.weights().values().entries.associate { (name, array) -> array to name }
          golden.checkGradients { array ->
            val start = before.getValue(names.getValue(array))
            val end = array.toFloatArray()
            FloatArray(end.size) { ((start[it].toDouble() - end[it]) / RATE).toFloat() }
          }
        }
      }
    }
  })

private const val RATE = 1e4

private fun files(network: String, vararg names: String) = names.map { "unet/$network/$it" }.toTypedArray()

/** A network of the fixtures with its weights, inputs and expected results. */
private class GoldenUnet(private val manager: NDManager, private val set: GoldenSet, private val name: String) {
  val io = set.tensors(manager, "unet/$name/io")
  private val x = io.getValue("x")
  private val labels = io["class_labels"]
  private val shape = ImageShape(x.shape[1].toInt(), x.shape[2].toInt(), x.shape[3].toInt())
  val network: Network

  init {
    val config = set.json("unet/$name/config")
    val options = optionsOf(config)
    val classes = if (labels == null) 0 else config["num_class_embeds"].asInt
    val context = ModelContext(shape, classes, false, SeededNoise(manager, 0))
    network = Network.initialize(UnetProvider().create(options, context), Recorded(), shape, labels != null, manager)
    network.weights().load(set.tensors(manager, "unet/$name/diffusion_pytorch_model"))
  }

  fun predict(training: Boolean): NDArray =
    network
      .denoiser()
      .predict(
        Forward.of(ParameterStore(manager, false), training, RecordedNoise()),
        x,
        io.getValue("t").toType(DataType.FLOAT32, false),
        labels,
      )

  fun step(): CompiledStep {
    val options = OptimizerOptions(OptimizerOptions.Kind.SGD, RATE, listOf(0.9, 0.999), 1e-8, 0.0, 0.0)
    val optimizer = OptimizerState.of(options, network.trainable())
    val size = x.shape[0].toInt()
    return CompiledStep(
      TrainingSetup(network, Recorded(), size, size, optimizer, 0.0, listOf()),
      TrainOptions.Precision.FP32,
    )
  }

  fun checkLoss(loss: Double) {
    val expected = io.getValue("loss").getFloat(0).toDouble()
    loss shouldBe (expected plusOrMinus 1e-5 * expected)
  }

  fun checkGradients(found: (NDArray) -> FloatArray) {
    val expected = set.sampled(manager, "unet/$name/grads")
    expected.names() shouldBe network.weights().values().keys
    val check = set.json("unet/$name/check").getAsJsonObject("float64_check")
    val zero = check.getAsJsonArray("mathematically_zero_gradients").map { it.asString }
    val global = check["grad_global_norm"].asDouble
    for ((parameter, array) in network.weights().values()) {
      withClue(parameter) {
        val gradient = found(array)
        if (parameter in zero) gradient.all { abs(it) <= 1e-6 } shouldBe true
        else {
          expected.check(parameter, gradient, 1e-4 * expected.absMax(parameter) + 1e-7 * global, 1e-4)
        }
      }
    }
  }

  /** The recorded images as a dataset, and a loss that is the mean squared error to their targets. */
  private inner class Recorded : Scheduler, BatchSource {
    override fun shape() = ImageShape(2 * shape.channels(), shape.height(), shape.width())

    override fun type() = DataType.FLOAT32

    override fun pixels(batchSize: Int): NDArray = x.concat(io.getValue("target"), 1)

    override fun labelled() = labels != null

    override fun images(pixels: NDArray, augmentation: Noise): NDArray = pixels

    override fun inputs(step: Long, batchSize: Int, first: Int, count: Int): StepInputs {
      val times = RecordedNoise(io.getValue("t").toType(DataType.FLOAT32, false))
      return StepInputs(manager.arange(0, count, 1, DataType.INT64), labels, RecordedNoise(), times)
    }

    override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
      val channels = shape.channels()
      val n = images.shape[0]
      val level = pass.noise().uniform(ai.djl.ndarray.types.Shape(n))
      val error = network.predict(images[":, :$channels"], level).sub(images[":, $channels:"])
      val loss = error.mul(error).reshape(n, -1).mean(intArrayOf(1))
      return TrainingLoss(loss, loss, level)
    }

    override fun levelEdges() = doubleArrayOf(0.0, 1000.0)

    override fun at(level: Double) = NoiseLevel(1.0, 0.0, 0.0, 1.0)

    override fun conditionAt(level: Double) = level

    override fun samplers(): List<SamplerFactory<*>> = listOf()
  }
}
