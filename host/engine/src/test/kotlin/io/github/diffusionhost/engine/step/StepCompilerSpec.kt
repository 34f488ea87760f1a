package io.github.diffusionhost.engine.step

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.scheduler.DenoisingNetwork
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.TrainingLoss
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TINY_SHAPE
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.pretendedGpu
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import org.slf4j.LoggerFactory

/** Looks at its losses, which a recording cannot follow. */
private object Curious : Scheduler by TinyScheduler {
  override fun loss(network: DenoisingNetwork, images: NDArray, pass: Forward): TrainingLoss =
    TinyScheduler.loss(network, images, pass).also { check(it.perImage().toFloatArray().all(Float::isFinite)) }
}

class StepCompilerSpec :
  FunSpec({
    fun step(manager: NDManager, scheduler: Scheduler, precision: Precision, compile: Boolean): TrainingStep {
      val dataset = CountingDataset(40)
      val denoiser = TinyDenoiser(HostNoise.single(manager, StagingBuffer(), 1))
      val network = Network.initialize(denoiser, scheduler, TINY_SHAPE, true, manager)
      val batches = DatasetBatches(ResidentDataset.load(dataset, manager), manager, 5, 0.0)
      val options = OptimizerOptions.DEFAULTS
      val optimizer = OptimizerState.of(options, network.trainable())
      val setup = TrainingSetup(network, batches, 8, null, optimizer, 1.0, listOf())
      return StepCompiler.step(setup, Execution(precision, compile))
    }

    fun warnings(block: () -> Unit): List<String> {
      val logger = LoggerFactory.getLogger(StepCompiler::class.java) as Logger
      val appender = ListAppender<ILoggingEvent>().apply { start() }
      logger.level = Level.INFO
      logger.addAppender(appender)
      block()
      logger.detachAppender(appender)
      logger.level = null
      return appender.list.map { it.formattedMessage }
    }

    fun losses(step: TrainingStep): List<Double> =
      (0L until 20L).map {
        step.restart(StepSums.NONE)
        step.run(it, 1e-2)
        step.sums().loss()
      }

    test("a GPU that has no room for the whole batch is told of, with how many images go through at a time") {
      NDManager.newBaseManager(pretendedGpu(), "PyTorch").use { manager ->
        val denoiser = TinyDenoiser(HostNoise.single(manager, StagingBuffer(), 1))
        val network = Network.initialize(denoiser, TinyScheduler, TINY_SHAPE, true, manager)
        val batches = DatasetBatches(ResidentDataset.load(CountingDataset(40), manager), manager, 5, 0.0)
        val optimizer = OptimizerState.of(OptimizerOptions.DEFAULTS, network.trainable())
        val setup = TrainingSetup(network, batches, 240, null, optimizer, 1.0, listOf())
        warnings { StepCompiler.step(setup, Execution.COMPILED) { _, _ -> 0 }.close() } shouldBe
          listOf(
            "1 of the 240 images of a step at a time: all at once do not fit the GPU; train.microBatchSize sets another number"
          )
        warnings { StepCompiler.step(setup, Execution.COMPILED) { _, _ -> Long.MAX_VALUE }.close() }.shouldBeEmpty()
      }
    }

    test("what can be recorded is compiled without a word") {
      NDManager.newBaseManager().use { manager ->
        warnings { step(manager, TinyScheduler, Precision.FP32, true).shouldBeInstanceOf<CompiledStep>() }
          .shouldBeEmpty()
      }
    }

    test("what cannot be recorded runs operation by operation, and a warning says why") {
      NDManager.newBaseManager().use { manager ->
        lateinit var step: TrainingStep
        warnings { step = step(manager, Curious, Precision.FP32, true) }.single() shouldContain
          "NDArray.toFloatArray reads values back"
        step.shouldBeInstanceOf<EagerStep>()
        losses(step) shouldBe losses(step(manager, TinyScheduler, Precision.FP32, false))
      }
    }

    test("bfloat16 follows float32, and is refused operation by operation") {
      NDManager.newBaseManager().use { manager ->
        val exact = losses(step(manager, TinyScheduler, Precision.FP32, true))
        val rounded = losses(step(manager, TinyScheduler, Precision.BF16, true))
        exact.zip(rounded).forEach { (a, b) -> b shouldBe (a plusOrMinus 0.02 * a) }
        (exact == rounded) shouldBe false
        warnings {
          losses(step(manager, TinyScheduler, Precision.BF16, false)) shouldBe
            losses(step(manager, TinyScheduler, Precision.FP32, false))
        }
          .single() shouldContain "train.precision needs train.compile"
      }
    }
  })
