package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.core.subcommands

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
