package io.github.diffusionhost.app.cli.config

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** `host config diff`: the options in which two configs differ, defaults and recommendations written out. */
internal class ConfigDiffCommand :
  HostSubcommand(
    "diff",
    "Prints every option in which two configs or runs differ, with all defaults written out.",
    "host config diff configs/mnist-dit.yaml configs/mnist-dit-quick.yaml",
    "host config diff runs/a runs/b",
  ) {
  private val first by argument("A").convert { pathOf(it) }.help("A config, or a run's or checkpoint's folder")
  private val second by argument("B").convert { pathOf(it) }.help("Another")
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val differences = OptionChange.between(read(first), read(second))
    if (json) printJson(JsonArray(differences.map(::describe)))
    else if (differences.isEmpty()) println("no option differs")
    else print(textTable(listOf("OPTION", "$first", "$second"), differences.map(::row)))
  }

  private fun read(path: Path): RunConfig {
    val file = if (path.isDirectory()) RunDirectory(path).config() else path
    return services.get<RunConfigReader>().read(ConfigRequest(file))
  }

  private fun row(change: OptionChange) = listOf(change.key, change.from ?: "–", change.to ?: "–")

  private fun describe(change: OptionChange) = buildJsonObject {
    put("key", change.key)
    put("a", change.from)
    put("b", change.to)
  }
}
