package io.github.diffusionhost.app.cli

import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.api.tracker.RunEnd
import io.github.diffusionhost.api.tracker.RunEnd.Outcome.FAILED
import io.github.diffusionhost.api.tracker.RunEnd.Outcome.FINISHED
import io.github.diffusionhost.api.tracker.RunEnd.Outcome.INTERRUPTED
import io.github.diffusionhost.app.cli.command.CommandWords
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.cli.command.TrustScripts
import io.github.diffusionhost.app.cli.command.besides
import io.github.diffusionhost.app.cli.command.ownOption
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.report.page.ReportingListener
import io.github.diffusionhost.app.run.newRunFolder
import io.github.diffusionhost.app.terminal.JsonProgress
import io.github.diffusionhost.app.terminal.Progress
import io.github.diffusionhost.app.terminal.StatusLine
import io.github.diffusionhost.app.track.TrackingListener
import io.github.diffusionhost.app.train.Beginning
import io.github.diffusionhost.app.train.RunOpening
import io.github.diffusionhost.app.train.RunTraining
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.hostVersion
import io.github.diffusionhost.app.words.pathOf
import io.github.diffusionhost.engine.train.Trainer

internal val RUN =
  CommandWords(
    "run",
    "Trains a diffusion model and samples from it on the way. Ctrl-C saves a checkpoint and ends.",
    "host run --config configs/quickstart.yaml",
    "host run --plugins dit,flowmatch,glyphs --set model.preset=small --set train.steps=400",
    "host run --resume runs/quickstart",
    "host run --fork runs/quickstart@300 --set train.optimizer.lr=1e-4",
  )

/** `host run`: trains. */
internal class RunCommand : HostSubcommand(RUN) {
  private val config by option("--config", metavar = "FILE").convert { pathOf(it) }.help("What to train: a config")
  private val source by RunSource()
  private val runDir by
    option("--run-dir", metavar = "DIR").convert { pathOf(it) }.help("The run's new folder; runs/NAME if not given")
  private val resume by
    option("--resume", metavar = "RUN")
      .convert { pathOf(it) }
      .help(
        "Go on with the run in this folder, from its newest checkpoint; docs/guides/RUNS.md says what --set may change"
      )
  private val fork by
    option("--fork", metavar = "RUN")
      .help(
        "Begin a new run with everything of another's checkpoint: RUN for the newest one, RUN@STEP for that of a step"
      )
  private val device by option("--device", metavar = "DEVICE").help("auto, cpu, gpu or gpu:N")
  private val trust by TrustScripts()
  private val json by option("--json").flag().help("Report as JSON, one object a line")

  override fun run() {
    val (run, beginning) = opened()
    val resumed = (beginning as? Beginning.Resumed)?.run
    val text = Progress(StatusLine.on(streams.out))
    val say: (String) -> Unit = if (json) { line -> streams.err.println(line) } else text::line
    val training =
      RunTraining(trust.of(services.get()), services.get(), services.environment, hostVersion(), services.arguments)
    val folder by lazy { resumed?.directory ?: newRunFolder(runDir, run.name) }
    val report = ReportingListener(services.get(), { folder.root() }, if (json) JsonProgress(streams.out) else text)
    val tracking = TrackingListener(run, { folder }, resumed != null, report)
    val result = runCatching { training.run(run, { folder }, beginning, tracking, say) }
    report.write()?.let {
      say("Report: $it")
      tracking.artifact(it)
    }
    tracking.end(endOf(result))
    val outcome = result.getOrThrow()
    if (outcome == Trainer.Outcome.STOPPED) {
      say("Stopped; go on with: host run --resume ${folder.root()}")
      throw ProgramResult(ExitCode.INTERRUPTED.number)
    }
  }

  private fun opened(): Pair<RunConfig, Beginning> {
    val root = resume
    val parent = fork
    val whole = listOfNotNull(config, source.plugins.ifEmpty { null })
    when {
      root == null && parent == null && whole.isEmpty() ->
        wrongUsage("Give --config FILE, --plugins A,B,C, --resume RUN or --fork RUN[@STEP]")
      root != null && parent != null ->
        wrongUsage("--resume goes on with a run, --fork begins another one: leave one out")
      root != null && (whole.isNotEmpty() || runDir != null) ->
        wrongUsage("--resume goes on with a run as it is: leave out --config, --plugins and --run-dir")
      parent != null && whole.isNotEmpty() ->
        wrongUsage("--fork begins with a run's own config: leave out --config and --plugins, and change it by --set")
    }
    val own = besides(source.settings, ownOption("--device", "device", device))
    val changed = ConfigRequest(settings = source.settings, own = own)
    val reader = services.get<RunConfigReader>()
    val opening = RunOpening(reader)
    return when {
      root != null -> opening.resume(root, changed)
      parent != null -> opening.fork(parent, changed)
      else -> reader.read(changed.copy(file = config, plugins = source.plugins)) to Beginning.New
    }
  }

  private fun endOf(result: Result<Trainer.Outcome>): RunEnd =
    result.fold(
      { RunEnd(if (it == Trainer.Outcome.STOPPED) INTERRUPTED else FINISHED, null) },
      { RunEnd(FAILED, Failure.of(it, services.environment.faults).message) },
    )
}
