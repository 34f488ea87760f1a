package io.github.diffusionhost.app.cli.config

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.optional
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.config.source.json
import io.github.diffusionhost.app.words.pathOf

/** `host config show`: the resolved config, as a run would write it down. */
internal class ConfigShowCommand :
  HostSubcommand(
    "show",
    "Prints a config with every default written out; a run of that text is the same run.",
    "host config show configs/quickstart.yaml --set train.steps=40",
    "host config show --plugins dit,flowmatch,glyphs > my-run.yaml",
  ) {
  private val file by argument("FILE").convert { pathOf(it) }.optional().help("A config")
  private val source by RunSource()
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    if (file == null && source.plugins.isEmpty()) wrongUsage("give a config file or --plugins a,b,c")
    val request = ConfigRequest(file, source.plugins, source.settings)
    val config = services.get<RunConfigReader>().read(request)
    if (json) printJson(json(config.resolved())) else print(config.toYaml())
  }
}
