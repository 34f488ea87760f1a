package io.github.diffusionhost.app.cli.config

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.source.ConfigError
import io.github.diffusionhost.app.config.source.InvalidConfig
import io.github.diffusionhost.app.words.pathOf
import java.nio.file.Path
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** `host config validate`: everything that is wrong with some configs. */
internal class ConfigValidateCommand :
  HostSubcommand(
    "validate",
    "Checks configs and prints everything that is wrong with them, line by line.",
    "host config validate configs/*.yaml",
  ) {
  private val files by argument("FILE").convert { pathOf(it) }.multiple(required = true).help("Configs")
  private val source by RunSource()
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val found = files.associateWith(::errors)
    val all = found.values.flatten()
    if (json) printJson(JsonArray(all.map(::describe)))
    else found.filterValues { it.isEmpty() }.keys.forEach { println("$it: ok") }
    if (all.isNotEmpty()) throw InvalidConfig(all)
  }

  private fun errors(file: Path): List<ConfigError> =
    try {
      services.get<RunConfigReader>().read(ConfigRequest(file, source.plugins, source.settings))
      emptyList()
    } catch (e: InvalidConfig) {
      e.errors
    }

  private fun describe(error: ConfigError) = buildJsonObject {
    put("location", error.location.toString())
    put("key", error.path)
    put("problem", error.problem)
    put("suggestion", error.suggestion)
    put("allowed", error.allowed)
  }
}
