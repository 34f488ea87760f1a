package io.github.diffusionhost.engine.levels

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.batch.BatchSource
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

/** Whole-numbered levels from 0 to 99 in uneven bins, and a loss that is twice the squared error and one more. */
private object Uneven : Scheduler by TinyScheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val n = images.shape[0]
    val t = pass.noise().uniform(Shape(n)).mul(100).floor()
    val error = network.predict(images, t.div(100)).sub(pass.noise().normal(images.shape))
    val squared = error.mul(error).reshape(n, -1).mean(intArrayOf(1))
    return TrainingLoss(squared.mul(2).add(1), squared, t)
  }

  override fun levelEdges() = doubleArrayOf(10.0, 20.0, 50.0, 90.0)

  override fun at(level: Double) = NoiseLevel(1.0, level, 0.0, 1.0)

  override fun conditionAt(level: Double) = level
}

/** Its squared errors are infinite from level 50 on, and its losses are not. */
private object Overflowing : Scheduler by Uneven {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    val loss = Uneven.loss(network, images, pass)
    return TrainingLoss(loss.perImage(), loss.squaredError().div(loss.level().lt(50)), loss.level())
  }
}

class LevelSumsSpec :
  FunSpec({
    fun denoiser(manager: NDManager) = TinyDenoiser(HostNoise.single(manager, StagingBuffer(), 1))

    fun network(manager: NDManager, scheduler: Scheduler = Uneven) =
      Network.initialize(denoiser(manager), scheduler, TINY_SHAPE, true, manager)

    fun batches(manager: NDManager): BatchSource =
      CountingDataset(40).let { DatasetBatches(ResidentDataset.load(it, manager), manager, 5, 0.0) }

    /** A step that measures and leaves the weights alone, by a learning rate of 0. */
    fun step(manager: NDManager, compiled: Boolean, micro: Int, scheduler: Scheduler = Uneven): TrainingStep {
      val network = network(manager, scheduler)
      val options = OptimizerOptions.DEFAULTS
      val optimizer = OptimizerState.of(options, network.trainable())
      val setup = TrainingSetup(network, batches(manager), 24, micro, optimizer, 1.0, listOf())
      return if (compiled) CompiledStep(setup, Precision.FP32) else EagerStep(setup)
    }

    /** Images, losses, squared errors and linear errors of each bin, one image at a time. */
    fun byHand(manager: NDManager, steps: LongRange): List<LevelSum> {
      val network = network(manager)
      val sums = MutableList(3) { LevelSum(0, 0.0, 0.0, 0.0) }
      for (step in steps) {
        val batch = batches(manager).batch(step, 24, 0, 24)
        val loss = network.loss(Forward.of(network.weights().store(), true, batch.noise()), batch)
        for (i in 0L until 24L) {
          val level = loss.level().getFloat(i)
          val bin = if (level < 20) 0 else if (level < 50) 1 else 2
          // Knowing pixels of variance 1 behind noise t·eps, one knows eps to a mean square of 1 / (1 + t²).
          val t = level.toDouble().coerceIn(10.0, 90.0)
          val squared = loss.squaredError().getFloat(i).toDouble()
          val image = LevelSum(1, 2 * squared + 1, squared, 1 / (1 + t * t))
          sums[bin] = sums[bin].plus(image)
        }
      }
      return sums
    }

    for (compiled in listOf(false, true)) {
      for (micro in listOf(24, 6)) {
        val how = (if (compiled) "compiled" else "operation by operation") + ", $micro images at a time"
        test("losses, errors and references are added up by noise level, $how") {
          NDManager.newBaseManager().use { manager ->
            val step = step(manager, compiled, micro)
            for (number in 0L..3L) step.run(number, 0.0)
            val sums = step.sums()
            sums.images().images() shouldBe 4 * 24
            sums.levels().size shouldBe 3
            sums.levels().zip(byHand(manager, 0L..3L)).forEach { (found, expected) ->
              found.images() shouldBe expected.images()
              found.loss() shouldBe (expected.loss() plusOrMinus 1e-5 * expected.loss())
              found.squaredError() shouldBe (expected.squaredError() plusOrMinus 1e-5 * expected.squaredError())
              // The reference of the nearest point of the table: whole numbers are among its points to 0.2.
              found.linear() shouldBe (expected.linear() plusOrMinus 0.01 * expected.linear())
            }
            step.close()
          }
        }

        test("sums go on from where they are told, bit for bit, $how") {
          NDManager.newBaseManager().use { manager ->
            val whole = step(manager, compiled, micro)
            for (number in 0L..3L) whole.run(number, 0.0)
            val first = step(manager, compiled, micro)
            for (number in 0L..1L) first.run(number, 0.0)
            val second = step(manager, compiled, micro)
            second.restart(first.sums())
            for (number in 2L..3L) second.run(number, 0.0)
            second.sums() shouldBe whole.sums()
            second.restart(StepSums.NONE)
            second.sums().images() shouldBe LevelSum(0, 0.0, 0.0, 0.0)
            listOf(whole, first, second).forEach(TrainingStep::close)
          }
        }
      }
    }

    test("sums of another number of bins are left behind") {
      NDManager.newBaseManager().use { manager ->
        for (compiled in listOf(false, true)) {
          val step = step(manager, compiled, 24)
          step.restart(StepSums(3, 1.0, 1.0, List(5) { LevelSum(7, 1.0, 1.0, 1.0) }))
          step.run(0, 0.0)
          step.sums().images().images() shouldBe 24
          step.close()
        }
      }
    }

    test("an error that is not finite stays in its own bin") {
      for (compiled in listOf(false, true)) {
        NDManager.newBaseManager().use { manager ->
          val sums = step(manager, compiled, 6, Overflowing).let { it.run(0, 0.0).run { it.sums() } }
          sums.levels().map { it.squaredError().isFinite() } shouldBe listOf(true, true, false)
          sums.levels().all { it.loss().isFinite() } shouldBe true
        }
      }
    }

    test("the means of a bin") {
      val sum = LevelSum(2, 3.0, 0.5, 0.25)
      sum.meanLoss() shouldBe 1.5
      sum.rmse() shouldBe 0.5
      sum.vsLinear() shouldBe 2.0
    }
  })
