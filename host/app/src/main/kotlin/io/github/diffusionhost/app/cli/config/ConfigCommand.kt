package io.github.diffusionhost.app.cli.config

import com.github.ajalt.clikt.core.subcommands
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand

internal val CONFIG =
  CommandWords(
    "config",
    "Shows and checks configs, and compares them with recipes.",
    "host config show configs/quickstart.yaml --set train.steps=40",
    "host config diff configs/mnist-dit.yaml runs/mine",
    "host config validate configs/quickstart.yaml",
    "host config options > options.md",
    "host config schema > configs/schema.json",
    "host config lint configs/quickstart.yaml",
  )

/** `host config`: everything about configs that needs no training. */
internal class ConfigCommand : HostSubcommand(CONFIG) {
  init {
    subcommands(
      ConfigShowCommand(),
      ConfigDiffCommand(),
      ConfigValidateCommand(),
      ConfigOptionsCommand(),
      ConfigSchemaCommand(),
      ConfigLintCommand(),
    )
  }

  override fun run() = Unit
}
