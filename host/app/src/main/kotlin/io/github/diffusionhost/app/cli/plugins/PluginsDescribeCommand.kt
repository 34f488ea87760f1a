package io.github.diffusionhost.app.cli.plugins

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.bind.describe
import io.github.diffusionhost.app.config.describe.describedJson
import io.github.diffusionhost.app.config.describe.describedText
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.nearest

/** `host plugins describe`: every option of a provider. */
internal class PluginsDescribeCommand :
  HostSubcommand(
    "describe",
    "Describes a provider: its options with defaults, ranges and meaning, its presets and samplers.",
    "host plugins describe dit",
    "host plugins describe flowmatch --json",
  ) {
  private val name by argument("NAME").help("A provider, as `host plugins list` names it")
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val registry = services.get<ProviderRegistry>()
    val names = registry.all().map { it.name }.sorted()
    val provider = registry.find(name) ?: throw unknown(names)
    val description = describe(provider)
    if (json) printJson(describedJson(description)) else print(Printable.message(describedText(description)))
  }

  private fun unknown(names: List<String>): UserError {
    val hint = nearest(name, names)?.let { "; did you mean $it?" }.orEmpty()
    val installed = names.joinToString(", ").ifEmpty { "none" }
    return UserError("no provider named '$name' is installed$hint (installed: $installed)", ExitCode.USAGE)
  }
}
