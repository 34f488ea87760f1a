package io.github.diffusionhost.engine.compile

import ai.djl.ndarray.NDManager
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ResidentDataset
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.step.StepCompiler
import io.github.diffusionhost.engine.step.StepSums
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import io.github.diffusionhost.engine.support.CountingDataset
import io.github.diffusionhost.engine.support.TinyDenoiser
import io.github.diffusionhost.engine.support.TinyScheduler
import io.github.diffusionhost.engine.support.tinyNetwork
import org.slf4j.LoggerFactory

internal fun NDManager.step(
  scheduler: Scheduler = TinyScheduler,
  compile: Boolean = true,
  dataset: ImageDataset = CountingDataset(40),
  denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
): TrainingStep {
  val network = tinyNetwork(this, scheduler = scheduler, denoiser = denoiser)
  val batches = DatasetBatches(ResidentDataset.load(dataset, this), this, 5, 0.0)
  val options = OptimizerOptions.DEFAULTS
  val optimizer = OptimizerState.of(options, network.trainable())
  val setup = TrainingSetup(network, batches, 8, null, optimizer, 1.0, listOf())
  return StepCompiler.step(setup, Execution.EAGER.withCompile(compile))
}

internal fun warnings(block: () -> Unit): List<String> {
  val logger = LoggerFactory.getLogger("io.github.diffusionhost.engine") as Logger
  val appender = ListAppender<ILoggingEvent>().apply { start() }
  logger.addAppender(appender)
  try {
    block()
  } finally {
    logger.detachAppender(appender)
  }
  return appender.list.map { it.formattedMessage }
}

internal fun losses(step: TrainingStep, count: Long): List<Double> =
  (0 until count).map {
    step.restart(StepSums.NONE)
    step.run(it, 1e-2)
    step.sums().loss()
  }
