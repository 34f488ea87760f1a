package io.github.diffusionhost.app.cli.plugins

import com.github.ajalt.clikt.core.subcommands
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand

internal val PLUGINS =
  CommandWords(
    "plugins",
    "Shows what the installed plugins bring.",
    "host plugins list",
    "host plugins describe dit",
  )

/** `host plugins`: what is installed. */
internal class PluginsCommand : HostSubcommand(PLUGINS) {
  init {
    subcommands(PluginsListCommand(), PluginsDescribeCommand())
  }

  override fun run() = Unit
}
