package io.github.diffusionhost.app.bench

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.engine.batch.DatasetBatches
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.optimize.OptimizerState
import io.github.diffusionhost.engine.schedule.Ema
import io.github.diffusionhost.engine.schedule.LrSchedule
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.StepCompiler
import io.github.diffusionhost.engine.step.TrainingSetup

/** A network of its own that trains as a config says, to be timed. */
internal class Trainee(
  assembly: RunAssembly,
  config: RunConfig,
  data: TrainingImages,
  manager: NDManager,
  compile: Boolean,
) : AutoCloseable {
  private val train = config.train
  private val scope = manager.newSubManager()
  val network = assembly.network(config, ImageSpec.of(data.dataset()), scope)
  private val optimizer = OptimizerState.of(train.optimizer(), network.trainable())
  private val averages = train.ema().map { Ema(it, network.weights()) }
  private val lr = LrSchedule.of(train, data.size().toLong())
  private val batches = DatasetBatches(data, scope, config.seed, train.labelDropout())
  private val start = System.nanoTime()
  private val step =
    StepCompiler.step(
      TrainingSetup(
        network,
        batches,
        train.batchSize(),
        train.microBatchSize(),
        optimizer,
        train.clipNorm(),
        averages,
      ),
      train.execution().withCompile(compile),
    )
  private var done = 0L

  /** Seconds that tracing and compiling took. */
  val compileSeconds = (System.nanoTime() - start) / 1e9

  /** The step if it is compiled, else null. */
  val compiled = step as? CompiledStep

  /** Images of a forward pass. */
  val microBatch = compiled?.microBatch() ?: train.microBatch()

  /** How long each timed step took, in seconds. */
  val seconds = mutableListOf<Double>()

  /** Seconds of the timed steps that were spent in native code. */
  var nativeSeconds = 0.0
    private set

  /** Trains some steps that are not timed. */
  fun warmUp(steps: Int) = repeat(steps) { step() }

  /** Trains some steps and notes what each took. */
  fun time(steps: Int) {
    val native = compiled?.nativeNanos() ?: 0
    repeat(steps) {
      val start = System.nanoTime()
      step()
      seconds += (System.nanoTime() - start) / 1e9
    }
    nativeSeconds += ((compiled?.nativeNanos() ?: 0) - native) / 1e9
  }

  private fun step() {
    step.run(done, lr.at(done))
    done++
    step.sums() // Waits for the device.
  }

  override fun close() {
    step.close()
    averages.forEach(Ema::close)
    optimizer.close()
    network.close()
    scope.close()
  }
}
