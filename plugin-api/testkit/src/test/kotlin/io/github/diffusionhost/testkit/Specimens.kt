package io.github.diffusionhost.testkit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.model.NormalInitializer
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.Option
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.api.scheduler.TrainingLoss
import java.nio.file.Path

@JvmRecord data class Knob(@Option(value = "a number", min = 0.0, max = 1.0) val knob: Double)

/** A sound model; [net] may spoil it. */
open class GoodModel(private val net: (ModelContext) -> Denoiser = ::ScaleNet) : ModelProvider<Knob> {
  constructor() : this(::ScaleNet)

  override fun name() = "good"

  override fun summary() = "a sound model"

  override fun defaults() = Knob(0.5)

  override fun create(options: Knob, context: ModelContext) = net(context)
}

/** Predicts a multiple of the image, by its time and label. */
open class ScaleNet(private val context: ModelContext) : Denoiser() {
  private val weight: Parameter =
    parameter("weight", Parameter.Type.WEIGHT, NormalInitializer(context.noise, 1.0), Shape(1))

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    val scale = noiseCondition.abs().div(1000).add(labels ?: noiseCondition.zerosLike())
    return x.mul(scale.reshape(-1, 1, 1, 1)).mul(pass.value(weight, x))
  }
}

/** A sound noise process; arguments may spoil it. */
open class GoodScheduler(
  private val loss: (DenoisingNetwork, NDArray, Noise) -> TrainingLoss = ::goodLoss,
  private val sampler: Sampler = Sampler(::goodSample),
  private val edges: DoubleArray = doubleArrayOf(0.0, 0.5, 1.0),
) : SchedulerProvider<Knob> {
  constructor() : this(::goodLoss, Sampler(::goodSample))

  override fun name() = "good"

  override fun summary() = "a sound noise process"

  override fun defaults() = Knob(0.5)

  override fun create(options: Knob, context: SchedulerContext) =
    object : Scheduler {
      override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward) =
        this@GoodScheduler.loss(network, images, pass.noise())

      override fun levelEdges() = this@GoodScheduler.edges

      override fun at(level: Double) = NoiseLevel(1.0, 1.0, 1.0, 0.0)

      override fun conditionAt(level: Double) = level

      override fun samplers() = listOf(Samplers(sampler))
    }
}

class Samplers(private val sampler: Sampler) : SamplerFactory<Knob> {
  override fun name() = "only"

  override fun summary() = "the only one"

  override fun defaults() = Knob(0.5)

  override fun defaultSteps() = 3

  override fun create(options: Knob) = sampler
}

fun goodLoss(network: DenoisingNetwork, images: NDArray, noise: Noise): TrainingLoss {
  val level = noise.uniform(Shape(images.shape[0]))
  val error = network.predict(images.add(noise.normal(images.shape)), level).sub(images).square()
  val perImage = error.reshape(images.shape[0], -1).mean(intArrayOf(1))
  return TrainingLoss(perImage, perImage, level)
}

fun goodSample(
  network: DenoisingNetwork,
  noise: NDArray,
  sampling: io.github.diffusionhost.api.scheduler.Sampling,
): NDArray {
  var x = noise
  for (step in 1..sampling.steps) {
    val time = x.manager.full(Shape(x.shape[0]), step.toFloat())
    x = network.predict(x, time).add(sampling.noise.normal(x.shape))
    sampling.listener.step(step, x)
  }
  return x
}

/** A sound dataset of gray squares; subclasses spoil it. */
open class GoodDataset : DatasetProvider<Knob> {
  constructor() : super()

  override fun name() = "good"

  override fun summary() = "a sound dataset"

  override fun defaults() = Knob(0.5)

  override fun open(options: Knob, context: DatasetContext): ImageDataset = Squares()

  open class Squares : ImageDataset {
    override fun shape() = ImageShape(1, 4, 4)

    override fun size() = 6

    override fun classNames() = listOf("dark", "light")

    override fun read(index: Int, target: ByteArray, offset: Int) =
      target.fill((index * 40).toByte(), offset, offset + 16)

    override fun label(index: Int) = index / 3

    override fun normalization(): PixelNormalization = PixelNormalization(0.5f, 0.3081f)
  }
}

object NoFiles : DatasetContext {
  override fun dataFolder(): Path = Path.of("no-such-folder")

  override fun split() = Split.TRAIN

  override fun seed() = 0L

  override fun download(files: MutableList<RemoteFile>) = error("nothing to download")
}
