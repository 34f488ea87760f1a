package io.github.diffusionhost.engine.train

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.Sampling
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.sample.SamplingTrial
import io.github.diffusionhost.engine.support.NoOptions
import io.github.diffusionhost.engine.support.Quiet
import io.github.diffusionhost.engine.support.TINY_IMAGES
import io.github.diffusionhost.engine.support.TinyEuler
import io.github.diffusionhost.engine.support.TinyRun
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes

/** Euler steps that fail on calls [failing], counted from 1, after [after] steps. */
private class Moody(private val failing: (Int) -> Throwable?, private val after: Int = 3) : Sampler {
  var calls = 0
  private val euler = TinyEuler.create(NoOptions())

  override fun sample(
    network: DenoisingNetwork,
    noise: NDArray,
    sampling: Sampling,
  ): NDArray {
    calls++
    val drawn = euler.sample(network, noise, sampling)
    failing(calls)?.let { if (sampling.steps() >= after) throw it }
    return drawn
  }
}

/** Throws [fault] in its loss of step [step], from 0. Each step has two micro-batches. */
private class FailingLoss(private val step: Int, private val fault: Throwable) : Scheduler by TinyScheduler {
  var broken = true
  private var calls = 0

  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss {
    if (broken && calls++ == 2 * step + 1) throw fault
    return TinyScheduler.loss(network, images, pass)
  }
}

@Tags("Slow")
class FaultySamplingSpec :
  FunSpec({
    fun checkpoints(folder: Path) = CheckpointFolder(folder.resolve("checkpoints")).list().map(CheckpointFolder::step)

    fun samples(folder: Path) = folder.resolve("samples").listDirectoryEntries().map { it.name }.sorted()

    /** Files that do not depend on when things happened. */
    fun files(folder: Path) =
      listOf("checkpoints/step-000023/model.safetensors", "checkpoints/step-000023/optimizer.safetensors")
        .map(folder::resolve)
        .plus(folder.resolve("samples").listDirectoryEntries().sorted())
        .associate { it.name to it.readBytes().toList() }

    fun losses(folder: Path) =
      MetricsLog.read(RunDirectory(folder).metrics()).map { it.step to it.values["train/loss"] }

    fun alone() =
      tempdir().toPath().also { folder -> TinyRun(folder, tinyOptions(23)).use { it.trainer.run { false } } }

    for (fault in listOf(IllegalStateException("it is night"), NoClassDefFoundError("a/B"), StackOverflowError())) {
      test("a sampler that throws ${fault.javaClass.simpleName} is told of, and the training goes on") {
        val folder = tempdir().toPath()
        val told = mutableListOf<Pair<Long, Throwable>>()
        val listener =
          object : TrainListener by Quiet {
            override fun unsampled(step: Long, fault: Throwable) {
              told += step to fault
            }
          }
        TinyRun(folder, tinyOptions(23), listener, sampler = Moody({ fault.takeIf { _ -> it == 1 } })).use {
          it.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
        }
        told shouldBe listOf(10L to fault)
        samples(folder) shouldBe listOf("step-000020.png", "step-000023-model.png", "step-000023.png")
        val left = files(alone()) - "step-000010.png"
        (files(folder) == left) shouldBe true
      }
    }

    test("the checkpoint of a step is there before its samples, and a resumed run draws those that a kill has lost") {
      val alone = alone()
      val folder = tempdir().toPath()
      // A kill in the middle of the samples of step 20.
      val killed = OutOfMemoryError("killed")
      val listener =
        object : TrainListener by Quiet {
          override fun unsampled(step: Long, fault: Throwable) {
            checkpoints(folder).last() shouldBe step
            if (step == 20L) throw fault
          }
        }
      TinyRun(folder, tinyOptions(23), listener, sampler = Moody({ killed.takeIf { _ -> it == 2 } })).use {
        shouldThrow<OutOfMemoryError> { it.trainer.run { false } }
      }
      samples(folder) shouldBe listOf("step-000010.png")
      TinyRun(folder, tinyOptions(23)).use {
        it.trainer.resume().get().state().step shouldBe 20
        it.trainer.run { false }
      }
      (files(folder) == files(alone)) shouldBe true
      losses(folder) shouldBe losses(alone)
    }

    test("a run that was cut off between its last checkpoint and its last samples draws them when it is resumed") {
      val folder = alone()
      val all = files(folder)
      RunDirectory(folder).trainedSamples(23).deleteExisting()
      TinyRun(folder, tinyOptions(23)).use {
        it.trainer.resume()
        it.trainer.run { false } shouldBe Trainer.Outcome.FINISHED
      }
      (files(folder) == all) shouldBe true
    }

    for (compile in listOf(false, true)) {
      test("trying two steps of sampling changes nothing of the training; compiled: $compile") {
        val weights =
          listOf(false, true).map { tried ->
            TinyRun(tempdir().toPath(), tinyOptions(7, compile = compile)).use { run ->
              val plan = SamplePlan(TinyEuler.create(NoOptions()), 4, 2.0, listOf(0, 1, 2), 7)
              if (tried) SamplingTrial.run(plan, run.network, TINY_IMAGES)
              run.trainer.run { false }
              run.weights()
            }
          }
        weights[1] shouldBe weights[0]
      }
    }

    test("a trial ends after two steps, and throws what a sampler throws") {
      TinyRun(tempdir().toPath(), tinyOptions(1)).use { run ->
        var steps = 0
        val endless = Sampler { network, noise, sampling ->
          while (true) {
            network.predict(noise, noise.manager.ones(Shape(1)))
            sampling.listener().step(++steps, noise)
          }
          @Suppress("UNREACHABLE_CODE") noise
        }
        SamplingTrial.run(SamplePlan(endless, 1000, 1.0, listOf(0), 7), run.network, TINY_IMAGES)
        steps shouldBe 2
        val broken = Sampler { _, _, _ -> error("no sampler") }
        shouldThrow<IllegalStateException> {
            SamplingTrial.run(SamplePlan(broken, 4, 1.0, listOf(0), 7), run.network, TINY_IMAGES)
          }
          .message shouldBe "no sampler"
      }
    }

    for (fault in listOf(IllegalStateException("it is night"), NoClassDefFoundError("a/B"))) {
      test("a loss that throws ${fault.javaClass.simpleName} in the middle of a step loses no step before it") {
        val options = tinyOptions(23, compile = false, checkpointEvery = 100)
        val alone = tempdir().toPath()
        TinyRun(alone, options).use { it.trainer.run { false } }
        val folder = tempdir().toPath()
        TinyRun(folder, options, scheduler = FailingLoss(13, fault)).use {
          shouldThrow<Throwable> { it.trainer.run { false } } shouldBe fault
        }
        checkpoints(folder) shouldBe listOf(13L)
        TinyRun(folder, options).use {
          it.trainer.resume()
          it.trainer.run { false }
        }
        (files(folder) == files(alone)) shouldBe true
        losses(folder) shouldBe losses(alone)
      }
    }
  })
