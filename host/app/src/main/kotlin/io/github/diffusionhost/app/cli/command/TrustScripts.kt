package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.script.ScriptRunner

/** Where TorchScript files run that metrics are given. No option of a config: configs, too, come from others. */
internal class TrustScripts : OptionGroup() {
  private val trusted by
    option(NAME)
      .flag()
      .help(
        "Run TorchScript files that metrics are given in the host's own process, without limits of time and memory, and " +
          "not each in one of its own; they are programs and run with your rights either way"
      )

  /** Whether the option is given. */
  val given: Boolean
    get() = trusted

  /** [assembly] as the option says. */
  fun of(assembly: RunAssembly): RunAssembly = if (trusted) assembly.running(ScriptRunner.HERE) else assembly

  companion object {
    const val NAME = "--trust-scripts"
  }
}
