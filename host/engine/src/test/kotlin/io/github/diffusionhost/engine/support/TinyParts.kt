package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.model.NormalInitializer
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.data.ImageSpec

val TINY_SHAPE = ImageShape(1, 4, 4)

/** Images of [TINY_SHAPE] in three classes. */
val TINY_IMAGES = ImageSpec(TINY_SHAPE, 3, PixelNormalization.SIGNED)

/**
 * Two matrices on flattened images, a shift by noise level and label: a network small enough to check by hand.
 *
 * @param condition of the noise condition that counts as 1
 */
open class TinyDenoiser(noise: Noise, private val condition: Double = 1.0) : Denoiser() {
  protected val hidden = weight("hidden", noise, Shape(16, 32))
  private val out = weight("out", noise, Shape(32, 16))
  private val level = weight("level", noise, Shape(1, 32))
  private val label = weight("label", noise, Shape(4, 32))
  private val unused = weight("unused", noise, Shape(3))

  private fun weight(name: String, noise: Noise, shape: Shape): Parameter =
    parameter(name, Parameter.Type.WEIGHT, NormalInitializer(noise, 0.2), shape)

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    val scaled = if (condition == 1.0) noiseCondition else noiseCondition.div(condition)
    var h = x.reshape(-1, 16).matMul(pass.value(hidden, x)).add(scaled.reshape(-1, 1).mul(pass.value(level, x)))
    if (labels != null) h = h.add(labels.oneHot(4).matMul(pass.value(label, x)))
    return h.tanh().matMul(pass.value(out, x)).reshape(x.shape)
  }
}

/** Straight-line flow with uniform times and one Euler sampler. */
object TinyScheduler : Scheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val n = images.shape[0]
    val t = pass.noise().uniform(Shape(n))
    val eps = pass.noise().normal(images.shape)
    val weight = t.reshape(n, 1, 1, 1)
    val x = eps.mul(weight).add(images.mul(weight.neg().add(1)))
    val error = network.predict(x, t).sub(eps.sub(images))
    val perImage = error.mul(error).reshape(n, -1).mean(intArrayOf(1))
    return TrainingLoss(perImage, perImage, t)
  }

  override fun levelEdges(): DoubleArray = DoubleArray(5) { it / 4.0 }

  override fun at(level: Double) = NoiseLevel(1 - level, level, -1.0, 1.0)

  override fun conditionAt(level: Double) = level

  override fun samplers(): List<SamplerFactory<*>> = listOf(TinyEuler)
}

object TinyEuler : SamplerFactory<NoOptions> {
  override fun name() = "euler"

  override fun summary() = "Euler steps of equal size"

  override fun defaults() = NoOptions()

  override fun defaultSteps() = 4

  override fun create(options: NoOptions) = Sampler { network, noise, sampling ->
    var x = noise
    for (step in 0 until sampling.steps()) {
      val t = 1f - step.toFloat() / sampling.steps()
      val condition = x.manager.full(Shape(x.shape[0]), t)
      x = x.sub(network.predict(x, condition).mul(1f / sampling.steps()))
      sampling.listener().step(step + 1, x)
    }
    x
  }
}

@JvmRecord data class NoOptions(private val unused: Int = 0)

/** Images whose bytes follow from index and place; labels in turn. */
class CountingDataset(private val count: Int, private val classes: Int = 3) : ImageDataset {
  override fun shape() = TINY_SHAPE

  override fun size() = count

  override fun classNames() = List(classes) { "$it" }

  override fun read(index: Int, target: ByteArray, offset: Int) {
    for (i in 0 until 16) target[offset + i] = (index * 31 + i * 7).toByte()
  }

  override fun label(index: Int) = index % classes

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED
}
