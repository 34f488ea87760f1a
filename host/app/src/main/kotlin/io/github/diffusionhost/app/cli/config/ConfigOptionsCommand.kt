package io.github.diffusionhost.app.cli.config

import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.describe.OptionsReference

/** `host config options`: every option, to be read. */
internal class ConfigOptionsCommand :
  HostSubcommand(
    "options",
    "Prints every option of configs and of the installed plugins as a page of Markdown.",
    "host config options > options.md",
  ) {
  override fun run() = print(OptionsReference(describedProviders(services)).page())
}
