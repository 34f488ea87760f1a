package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import ai.djl.nn.Parameter
import ai.djl.training.initializer.Initializer
import io.github.diffusionhost.api.model.CompositeBlock
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.floats.plusOrMinus
import io.kotest.matchers.shouldBe

class RunningStatisticsSpec :
  FunSpec({
    for (rounds in listOf(1, 2, 8)) {
      test("running statistics take in a step once, in $rounds parts, of the network and of the scheduler") {
        for (compiled in listOf(false, true)) {
          NDManager.newBaseManager().use { manager ->
            val bench =
              Bench(
                manager,
                compiled,
                sgd(),
                rounds = rounds,
                scheduler = WatchingScheduler(),
                denoiser = ::WatchingDenoiser,
              )
            var mean = 0f
            for (number in 0L until 20) {
              mean += 0.1f * (bench.meanPixel(number) - mean)
              bench.run(number)
            }
            // Each of 20 steps moves it half of the way to one.
            bench.values().getValue("seen").single() shouldBe (1f - (1f / (1 shl 20)))
            bench.values().getValue("scheduler.steps").single() shouldBe 20f
            bench.values().getValue("scheduler.mean").single() shouldBe (mean plusOrMinus 1e-5f)
          }
        }
      }
    }
  })

/** Keeps a number that every pass moves half of the way to 1. */
private class WatchingDenoiser(noise: Noise) : TinyDenoiser(noise) {
  private val seen = parameter("seen", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))

  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?): NDArray {
    val before = pass.value(seen, x)
    if (pass.training()) pass.update(seen, before.add(1).mul(0.5))
    return super.predict(pass, x.mul(before.mul(0).add(1)), noiseCondition, labels)
  }
}

/** Counts its steps, and follows the mean of the images that it sees. */
private class WatchingScheduler : Scheduler by TinyScheduler {
  private val statistics =
    object : CompositeBlock() {
      val steps = parameter("steps", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))
      val mean = parameter("mean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, Shape(1))

      override fun forward(pass: Forward, inputs: NDList) = inputs
    }

  override fun trainable() = statistics

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    pass.update(statistics.steps, pass.value(statistics.steps, images).add(1))
    val before = pass.value(statistics.mean, images)
    pass.update(statistics.mean, before.add(images.mean().sub(before).mul(0.1)))
    return TinyScheduler.loss(network, images, pass)
  }
}
