package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.choice
import io.github.diffusionhost.app.bench.MemoryTable
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.words.pathOf

internal val MEMORY =
  CommandWords(
    "memory",
    "Counts what the training steps of a config take of memory, by how many images go through the network at a time " +
      "(`train.microBatchSize`): from the program of a step, without computing one. Opens the dataset, as a training does.",
    "host memory --config configs/cifar10-ddpm.yaml --for gpu",
    "host memory --config configs/quickstart.yaml --set train.batchSize=512 --json",
  )

/** `host memory`: what a config's steps take. */
internal class MemoryCommand : HostSubcommand(MEMORY) {
  private val config by option("--config", metavar = "FILE").convert { pathOf(it) }.help("What to count: a config")
  private val source by RunSource()
  private val device by option("--device", metavar = "DEVICE").help("auto, cpu, gpu or gpu:N")
  private val kind by
    option("--for", metavar = "KIND")
      .choice(MemoryTable.CPU, MemoryTable.GPU)
      .help("Count what a cpu or a gpu would take, whatever is here; if not given, the device that is used")
  private val json by option("--json").flag().help("Print one JSON object; sizes in bytes")

  override fun run() {
    if (config == null && source.plugins.isEmpty()) wrongUsage("Give --config FILE or --plugins A,B,C")
    val own = besides(source.settings, ownOption("--device", "device", device))
    val run = services.get<RunConfigReader>().read(ConfigRequest(config, source.plugins, source.settings, own))
    val table = MemoryTable.of(services.get(), run, kind)
    if (json) printJson(table.toJson()) else print(table.text())
  }
}
