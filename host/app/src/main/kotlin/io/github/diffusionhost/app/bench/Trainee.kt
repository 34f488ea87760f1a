package io.github.diffusionhost.app.bench

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.SteppedTraining
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.step.CompiledStep

/** A training whose steps are timed. */
internal class Trainee(
  assembly: RunAssembly,
  config: RunConfig,
  data: TrainingImages,
  manager: NDManager,
  compile: Boolean,
) : AutoCloseable {
  private val train = config.train
  private val onGpu = manager.device.isGpu
  private val training = SteppedTraining(assembly, config, data, manager, train.execution().withCompile(compile))
  val network = training.network
  val compileSeconds = training.compileSeconds

  /** The step if it is compiled, else null. */
  val compiled = training.step as? CompiledStep

  /** Images of a forward pass. */
  val microBatch = compiled?.microBatch() ?: train.microBatch()

  /** How long each timed step took, in seconds. */
  val seconds = mutableListOf<Double>()

  /** Seconds of the timed steps that were spent in native code. */
  var nativeSeconds = 0.0
    private set

  /** Trains some steps that are not timed. */
  fun warmUp(steps: Int) = repeat(steps) { step(1) }

  /** Trains some steps and notes what each took, on a GPU on average. */
  fun time(steps: Int) {
    val native = compiled?.nativeNanos() ?: 0
    // A training waits for a GPU once a line of its log, and so does this: once, for all of them.
    val together = if (onGpu) steps else 1
    repeat(steps / together) {
      val start = System.nanoTime()
      step(together)
      val each = (System.nanoTime() - start) / 1e9 / together
      repeat(together) { seconds += each }
    }
    nativeSeconds += ((compiled?.nativeNanos() ?: 0) - native) / 1e9
  }

  private fun step(count: Int) {
    repeat(count) { training.step() }
    training.step.sums() // Waits for the device.
  }

  override fun close() = training.close()
}
