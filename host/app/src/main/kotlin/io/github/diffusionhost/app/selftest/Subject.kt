package io.github.diffusionhost.app.selftest

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.engine.golden.GoldenSet
import io.github.diffusionhost.engine.options.Execution
import io.github.diffusionhost.engine.pass.Passes
import io.github.diffusionhost.engine.step.CompiledStep
import io.github.diffusionhost.engine.step.EagerStep
import io.github.diffusionhost.engine.step.TrainingSetup
import io.github.diffusionhost.engine.step.TrainingStep
import java.nio.file.Path

/**
 * What is tested, and what with.
 *
 * @property manager the device that is tested
 * @property host the CPU, which it is compared with
 * @property golden what reference implementations computed
 * @property quick whether to leave out what takes long
 * @property passes what is done to programs; a test puts wrong kernels in here
 * @property folder an empty folder for files
 */
internal class Subject(
  val manager: NDManager,
  val host: NDManager,
  val assembly: RunAssembly,
  val golden: GoldenSet,
  val quick: Boolean,
  val folder: Path,
  private val reader: RunConfigReader,
  val passes: Passes.Choice = Passes.Choice(Passes::of),
  private val installed: (String) -> Boolean,
) {
  val device: Device = manager.device

  /**
   * A config.
   *
   * @param providers those that it names
   * @throws NotInstalled if one is not there
   */
  fun config(name: String, text: String, vararg providers: String): RunConfig {
    val missing = providers.filterNot(installed)
    if (missing.isNotEmpty()) throw NotInstalled("no plugin brings ${missing.joinToString(" and ")}")
    return reader.read(text, name)
  }

  /** A step of the device, compiled even if it does not do the same as one that is not: that is what is measured. */
  fun step(setup: TrainingSetup, execution: Execution): TrainingStep =
    if (execution.compile()) CompiledStep(setup, execution.precision(), passes) else EagerStep(setup)

  /** The two ways of running a step. */
  val ways = mapOf("eager" to Execution.EAGER, "compiled" to Execution.COMPILED)
}
