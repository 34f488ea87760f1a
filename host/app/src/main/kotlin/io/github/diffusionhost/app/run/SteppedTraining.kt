package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.options.Execution
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
  private val parts = TrainingParts(assembly, config, data, manager)
  val network = parts.network
  val averages = parts.averages
  private val lr = LrSchedule.of(config.train, data.size().toLong())
  private val start = System.nanoTime()
  val step = make(parts.setup, execution)

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
    parts.close()
  }
}
