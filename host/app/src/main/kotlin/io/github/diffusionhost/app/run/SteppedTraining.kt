package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.schedule.LrSchedule
import io.github.diffusionhost.engine.step.StepCompiler
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep

/**
 * A network of its own that trains as a config says, step by step, and nothing else: no log, no samples, no files.
 *
 * @param manager the device
 * @param make makes the step
 */
internal class SteppedTraining(
  assembly: RunAssembly,
  config: RunConfig,
  data: TrainingImages,
  manager: NDManager,
  execution: Execution,
  make: (TrainingSetup, Execution) -> TrainingStep = StepCompiler::step,
) : AutoCloseable {
  private val train = config.train
  private val scope = manager.newSubManager()
  val network = assembly.network(config, ImageSpec.of(data.dataset()), scope)
  private val optimizer = OptimizerState.of(train.optimizer(), network.trainable())
  val averages = train.ema().map { Ema(it, network.weights()) }
  private val lr = LrSchedule.of(train, data.size().toLong())
  private val batches = DatasetBatches(data, scope, config.seed, train.labelDropout(), train.noiseOn(scope.device))
  private val start = System.nanoTime()
  val step =
    make(
      TrainingSetup(
        network,
        batches,
        train.batchSize(),
        train.microBatchSize(),
        optimizer,
        train.clipNorm(),
        averages,
      ),
      execution,
    )

  /** Seconds that tracing and compiling took. */
  val compileSeconds = (System.nanoTime() - start) / 1e9

  /** How many steps are done. */
  var done = 0L
    private set

  /** Trains one step, at the config's learning rate if no other is given. */
  fun step(rate: Double = lr.at(done)) {
    step.run(done, rate)
    done++
  }

  override fun close() {
    step.close()
    averages.forEach(Ema::close)
    optimizer.close()
    network.close()
    scope.close()
  }
}
