package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.options.split
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.double
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.app.average.Best
import io.github.diffusionhost.app.average.CompareWidths
import io.github.diffusionhost.app.average.InstalledMetric
import io.github.diffusionhost.app.average.LossMetric
import io.github.diffusionhost.app.average.WidthCurve
import io.github.diffusionhost.app.average.WidthPlot
import io.github.diffusionhost.app.average.caution
import io.github.diffusionhost.app.average.describe
import io.github.diffusionhost.app.average.openSnapshots
import io.github.diffusionhost.app.average.requireNew
import io.github.diffusionhost.app.average.solveOrExplain
import io.github.diffusionhost.app.average.writeAverage
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.TrustScripts
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.evaluate.EvaluationProgress
import io.github.diffusionhost.app.evaluate.requireMetrics
import io.github.diffusionhost.app.process.StopSignal
import io.github.diffusionhost.app.run.CheckpointConfigs
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.posthoc.PowerFunction
import io.github.diffusionhost.engine.posthoc.Reconstruction
import java.nio.file.Files
import kotlin.io.path.name

internal val EMA =
  CommandWords(
    "ema",
    "Makes the power-function average of any relative width from the snapshots of a run that was trained with " +
      "train.emaSnapshotEvery: a checkpoint of one width, or a plot of a metric against many (a picture, and the " +
      "numbers as .json and .csv beside it).",
    "host ema --run runs/edm2 --width 0.08 --out edm2-0.08",
    "host ema --run runs/edm2 --widths 0.03,0.05,0.08,0.1,0.15 --metric loss --out widths.svg",
  )

/** `host ema`: averages of widths that no training tracked. */
internal class EmaCommand : HostSubcommand(EMA) {
  private val run by
    option("--run", metavar = "DIR").convert { pathOf(it) }.required().help("The folder of a run with snapshots")
  private val width by
    option("--width", metavar = "W").double().help("The relative width of a checkpoint's average, up to 0.2886")
  private val widths by
    option("--widths", metavar = "W,W,…").double().split(",").help("The relative widths of a plot, at least two")
  private val metric by
    option("--metric", metavar = "NAME")
      .help("What a plot shows: ${LossMetric.NAME}, that of the training, on the test split, or an installed metric")
  private val value by option("--value", metavar = "NAME").help("Which number of an installed metric; its first one")
  private val best by
    option("--best")
      .choice(Best.entries.associateBy { it.word })
      .help("Which value of the metric a plot marks as the best; least if not given")
  private val step by
    option("--step", metavar = "N")
      .long()
      .restrictTo(1..Long.MAX_VALUE)
      .help("The step of the average, one that has a snapshot; the last one's if not given")
  private val images by
    option("--images", metavar = "N")
      .int()
      .restrictTo(1..1_000_000)
      .help("Images of the metric; generated ones for metrics that look at them; 2048 if not given")
  private val seed by option("--seed", metavar = "S").long().help("Seed of the metric's draws; 0 if not given")
  private val settings by
    option("--set", metavar = "KEY=VALUE").multiple().help("For a plot, change an option of the run's config")
  private val device by option("--device", metavar = "DEVICE").help("For a plot: auto, cpu, gpu or gpu:N")
  private val trust by TrustScripts()
  private val out by
    option("--out", metavar = "PATH")
      .convert { pathOf(it) }
      .required()
      .help("The checkpoint's new folder, or the plot's .svg file")

  override fun run() {
    val one = width
    val many = widths
    when {
      one != null && many != null -> wrongUsage("--width makes a checkpoint and --widths a plot; give one of them")
      one != null -> checkpoint(checked(one))
      many != null -> plot(many.map(::checked))
      else -> wrongUsage("name a --width for a checkpoint, or --widths and --metric for a plot")
    }
  }

  private fun checked(width: Double): Double =
    try {
      width.also(PowerFunction::ofWidth)
    } catch (e: IllegalArgumentException) {
      wrongUsage(e.message.orEmpty())
    }

  private fun checkpoint(width: Double) {
    forPlots().find { it.second }?.let { wrongUsage("${it.first} goes with --widths: leave it out") }
    requireNew(out)
    val snapshots = openSnapshots(run, step)
    val ema = snapshots.solveOrExplain(width)
    writeAverage(snapshots, ema, width, out)
    caution(snapshots, ema, width)?.let { streams.err.println("$out: $it") }
    println("$out: ${describe(snapshots, ema, width)}")
  }

  /** The options that a checkpoint has no use for, and whether they are given. */
  private fun forPlots() =
    listOf(
      "--metric" to (metric != null),
      "--value" to (value != null),
      "--best" to (best != null),
      "--images" to (images != null),
      "--seed" to (seed != null),
      "--set" to settings.isNotEmpty(),
      "--device" to (device != null),
      TrustScripts.NAME to trust.given,
    )

  private fun plot(widths: List<Double>) {
    val name = metric ?: wrongUsage("--widths needs --metric: ${LossMetric.NAME} or an installed metric")
    requireMetrics(services.get<ProviderRegistry>(), listOf(name), "--metric", own = listOf(LossMetric.NAME))
    if (value != null && name == LossMetric.NAME) wrongUsage("--value goes with an installed metric")
    if (widths.distinct().size < 2) wrongUsage("--widths: a plot takes at least two different widths")
    if (!out.name.endsWith(SVG)) wrongUsage("--out $out: a plot is written as $SVG; name such a file")
    val snapshots = openSnapshots(run, step)
    val config = config(snapshots, name)
    val status = StatusLine.on(streams.err)
    StopSignal(status::line, "stopping after this step; once more to stop at once").use { stop ->
      val source =
        if (name == LossMetric.NAME) LossMetric.source(images ?: IMAGES, seed ?: 0, streams.err::println)
        else
          InstalledMetric.source(
            metric(config, name),
            value,
            images ?: IMAGES,
            seed ?: 0,
            EvaluationProgress(status, stop::requested),
            streams.err,
          )
      val curve =
        CompareWidths(trust.of(services.get<RunAssembly>()), config, snapshots).by(
          source,
          widths,
          best ?: Best.LEAST,
        ) { point, ema ->
          caution(snapshots, ema, point.width)?.let(streams.err::println)
          println("width ${realText(point.width)}: ${point.shown}")
        }
      finish(curve)
    }
  }

  private fun metric(config: RunConfig, name: String): BoundMetric<*> =
    config.metrics.first { it.provider.name() == name }

  private fun finish(curve: WidthCurve) {
    write(curve)
    println(
      "$out: ${curve.about}, after ${count(curve.step)} steps, is ${curve.bestIs.word} at width ${realText(curve.best.width)}"
    )
  }

  private fun config(snapshots: Reconstruction, metric: String): RunConfig =
    services
      .get<CheckpointConfigs>()
      .read(
        snapshots.last(),
        ConfigRequest(
          plugins = listOf(metric) - LossMetric.NAME,
          settings = settings,
          own = besides(settings, ownOption("--device", "device", device)),
        ),
      )

  /** The picture comes last: where it is, its numbers are. */
  private fun write(curve: WidthCurve) {
    Files.createDirectories(out.toAbsolutePath().normalize().parent)
    val name = out.name.removeSuffix(SVG)
    AtomicFile.write(out.resolveSibling("$name.json"), curve.toJson().toByteArray())
    AtomicFile.write(out.resolveSibling("$name.csv"), curve.toCsv().toByteArray())
    AtomicFile.write(out, WidthPlot(curve).toSvg().toByteArray())
  }

  private companion object {
    const val SVG = ".svg"
    const val IMAGES = 2048
  }
}
