package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.app.bench.Baseline
import io.github.diffusionhost.app.bench.Bench
import io.github.diffusionhost.app.bench.Comparison
import io.github.diffusionhost.app.bench.benchText
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.words.hostVersion
import io.github.diffusionhost.app.words.pathOf

internal val BENCH =
  CommandWords(
    "bench",
    "Measures how fast a config trains and samples here: the time to the first step; steps compiled and operation by " +
      "operation, in turn; sampling, both ways; memory; and what a step reaches of the device's peak. Writes no " +
      "file. Let nothing else run meanwhile.",
    "host bench --config configs/quickstart.yaml",
    "host bench --config configs/quickstart.yaml --set train.batchSize=128 --no-sampling --json",
    "host bench --config configs/quickstart.yaml --against before.json",
  )

/** `host bench`: how fast a config trains and samples on this machine. */
internal class BenchCommand : HostSubcommand(BENCH) {
  private val config by option("--config", metavar = "FILE").convert { pathOf(it) }.help("What to measure: a config")
  private val source by RunSource()
  private val device by option("--device", metavar = "DEVICE").help("auto, cpu, gpu or gpu:N")
  private val repeat by
    option("--repeat", metavar = "N")
      .int()
      .restrictTo(1..1000)
      .default(2)
      .help("Blocks of ${Bench.BLOCK} steps of each kind, and times that images are sampled: 1 to 1000; 2 if not given")
  private val against by
    option("--against", metavar = "FILE")
      .convert { pathOf(it) }
      .help(
        "Show ratios to another measurement: what --json has printed on another device or of another version, or the " +
          "JSON of a script that times PyTorch"
      )
  private val json by option("--json").flag().help("Print one JSON object")
  private val noEager by option("--no-eager").flag().help("Leave out what runs operation by operation")
  private val noSampling by option("--no-sampling").flag().help("Leave out sampling")

  override fun run() {
    if (config == null && source.plugins.isEmpty()) wrongUsage("Give --config FILE or --plugins A,B,C")
    val there = against?.let(Baseline::read)
    val own = besides(source.settings, ownOption("--device", "device", device))
    val run = services.get<RunConfigReader>().read(ConfigRequest(config, source.plugins, source.settings, own))
    val bench = Bench(services.get(), run, repeat, !noEager, !noSampling, hostVersion(), streams.err::println)
    val report = bench.run()
    val comparison = there?.let { Comparison.of(report, it) }
    if (json) printJson(report.toJson(comparison))
    else print(benchText(report) + comparison?.let { "\n" + it.text() }.orEmpty())
  }
}
