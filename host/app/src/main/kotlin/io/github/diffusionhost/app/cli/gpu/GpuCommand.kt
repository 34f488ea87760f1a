package io.github.diffusionhost.app.cli.gpu

import com.github.ajalt.clikt.core.subcommands
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand

internal val GPU =
  CommandWords(
    "gpu",
    "Installs, lists and removes libtorch for NVIDIA GPUs, which runs with a GPU then use by themselves.",
    "host gpu install",
    "host gpu list",
  )

/** `host gpu`: the libtorch that a GPU needs. */
internal class GpuCommand : HostSubcommand(GPU) {
  init {
    subcommands(GpuInstallCommand(), GpuListCommand(), GpuRemoveCommand())
  }

  override fun run() = Unit
}
