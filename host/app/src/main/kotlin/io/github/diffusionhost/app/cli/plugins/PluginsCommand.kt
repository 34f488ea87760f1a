package io.github.diffusionhost.app.cli.plugins

import com.github.ajalt.clikt.core.subcommands
import io.github.diffusionhost.app.cli.command.HostSubcommand

/** `host plugins`: what is installed. */
internal class PluginsCommand :
  HostSubcommand(
    "plugins",
    "Shows what the installed plugins bring.",
    "host plugins list",
    "host plugins describe dit",
  ) {
  init {
    subcommands(PluginsListCommand(), PluginsDescribeCommand())
  }

  override fun run() = Unit
}
