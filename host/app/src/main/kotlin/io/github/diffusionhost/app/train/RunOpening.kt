package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.options.TrainOptions.NoiseSource
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.RunFiles
import java.nio.file.Path
import org.slf4j.LoggerFactory

/** Reads the config of a training that begins with something, and finds out how it begins. */
internal class RunOpening(private val reader: RunConfigReader) {
  private val log = LoggerFactory.getLogger(RunOpening::class.java)

  /**
   * Goes on with a run.
   *
   * @param request what the command line changes
   * @throws UserError if the folder is no run, its checkpoints are gone, or an option changes that a run keeps
   */
  fun resume(root: Path, request: ConfigRequest): Pair<RunConfig, Beginning.Resumed> {
    val run = ResumableRun.open(root)
    val file = run.directory.config()
    val written = reader.read(ConfigRequest(file))
    val before = run.checkpoint?.let { configOf(it, written) } ?: written
    val asked =
      if (isTold(run, before, written)) reader.read(request.copy(file = file))
      else read(before, "${run.checkpoint?.folder()}/${RunFiles.CONFIG}", request)
    // That was decided when the run began.
    val keeps = asked.train.noise() == NoiseSource.AUTO
    val now = if (keeps) asked.copy(train = asked.train.withNoise(before.train.noise())) else asked
    run.requireNothingLost(written.train.checkpointEvery())
    val changes = OptionChange.between(before, now)
    requireAllowed(root, before, changes, request)
    return now to Beginning.Resumed(run, changes)
  }

  /**
   * Begins a new run with everything of a checkpoint.
   *
   * @param from a run, `RUN@STEP` or a checkpoint
   * @param request what the command line changes
   */
  fun fork(from: String, request: ConfigRequest): Pair<RunConfig, Beginning.Forked> {
    val parent = ForkParent.open(from)
    val run = parent.run?.let { reader.read(ConfigRequest(RunDirectory(it).config())) }
    val before = configOf(parent.checkpoint, run)
    val now = read(before, "${parent.checkpoint.folder()}/${RunFiles.CONFIG}", request)
    if (now.from != null && now.from != before.from) {
      throw UserError(
        "--fork $from begins with everything of a checkpoint, and train.from with other weights: leave one out. A new " +
          "run with those weights: host run --config ${parent.checkpoint.folder()}/${RunFiles.CONFIG}" +
          typed(request),
        ExitCode.USAGE,
      )
    }
    return now to
      Beginning.Forked(parent.recorded(), parent.checkpoint, parent.manifest(), OptionChange.between(before, now))
  }

  /** The config that a checkpoint was made with; its trackers, which are no part of it, are those of [run]. */
  private fun configOf(checkpoint: Checkpoint, run: RunConfig?): RunConfig =
    reader
      .read(checkpoint.text(RunFiles.CONFIG), "${checkpoint.folder()}/${RunFiles.CONFIG}")
      .copy(trackers = run?.trackers.orEmpty())

  private fun read(base: RunConfig, name: String, request: ConfigRequest) = reader.read(base.toYaml(), name, request)

  /**
   * Whether the run's config.yaml is what the run was trained with, or what a person has made of that. A program that
   * changed options on resume without a word left the earlier ones there.
   */
  private fun isTold(run: ResumableRun, before: RunConfig, written: RunConfig): Boolean {
    if (run.manifest?.changes != null) return true
    val untold = OptionChange.between(before, written)
    if (untold.isNotEmpty()) {
      log.warn(
        "{} differs from the config of the newest checkpoint in {}; the checkpoint's counts, for an earlier program " +
          "did not record what changed on the way. Other values: --set",
        run.directory.config(),
        untold.joinToString(", ") { it.key },
      )
    }
    return untold.isEmpty()
  }

  private fun requireAllowed(root: Path, config: RunConfig, changes: List<OptionChange>, request: ConfigRequest) {
    val refused = changes.filterNot { ResumableOptions.mayChange(it.key, config) }
    if (refused.isEmpty()) return
    val set =
      typed(request.copy(settings = request.settings.ifEmpty { refused.map { "${it.key}=${it.to ?: "null"}" } }))
    val otherWeights = refused.any { it.key.startsWith("train.from") }
    val keptByForks = otherWeights || refused.any { it.key == "train.batchSize" }
    val fork = if (keptByForks) "" else "A new run with the state of this one, if it fits: host run --fork $root$set\n"
    val begin = "host run --config ${RunDirectory(root).config()}"
    val weights =
      if (otherWeights) "A new run with those weights: $begin$set"
      else "A new run with its weights only: $begin --set train.from=$root$set"
    throw UserError(
      "$root: a run keeps its\n" +
        refused.joinToString("") {
          "  ${it.key}, which is ${it.from ?: "not given"} and would be ${it.to ?: "not given"}\n"
        } +
        fork +
        weights,
      ExitCode.USAGE,
    )
  }

  /** What the command line changes, to be typed again. */
  private fun typed(request: ConfigRequest) =
    request.settings.joinToString("") { " --set ${quoted(it)}" } +
      request.own.joinToString("") { " ${it.name} ${quoted(it.typed)}" }

  private fun quoted(setting: String) = if (PLAIN.matches(setting)) setting else "'${setting.replace("'", "'\\''")}'"

  private companion object {
    val PLAIN = Regex("[\\w.,:/=+-]+")
  }
}
