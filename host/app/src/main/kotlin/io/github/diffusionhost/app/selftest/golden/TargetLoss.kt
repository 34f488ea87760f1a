package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss

/**
 * The mean squared error of a network to a target: images are what it sees and, in as many channels again, what it is
 * to give; the noise condition is the first draw.
 */
internal object TargetLoss : Scheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val (n, channels) = images.shape.shape
    val condition = pass.noise().uniform(Shape(n))
    val error = network.predict(images[":, :${channels / 2}"], condition).sub(images[":, ${channels / 2}:"])
    val loss = error.mul(error).reshape(n, -1).mean(intArrayOf(1))
    return TrainingLoss(loss, loss, condition)
  }

  override fun levelEdges() = doubleArrayOf(-1001.0, 1001.0)

  override fun at(level: Double) = NoiseLevel(1.0, 0.0, 0.0, 1.0)

  override fun conditionAt(level: Double) = level

  override fun samplers(): List<SamplerFactory<*>> = listOf()
}
