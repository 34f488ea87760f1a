package io.github.diffusionhost.app.cli.config

import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.describe.ConfigSchema

/** `host config schema`: the JSON schema of configs, for editors. */
internal class ConfigSchemaCommand :
  HostSubcommand(
    "schema",
    "Prints the JSON schema of configs with the options of every installed plugin. " +
      "An editor reads it from a first line `# yaml-language-server: \$schema=schema.json`.",
    "host config schema > configs/schema.json",
  ) {
  override fun run() = printJson(ConfigSchema(describedProviders(services)).schema())
}
