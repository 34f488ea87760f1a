package io.github.diffusionhost.app.train

import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.run.requireOneRun
import io.github.diffusionhost.app.run.requireOwn
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainingPlan
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory

/**
 * A run that can be gone on with.
 *
 * @property checkpoint the newest one that can be used; null: none was ever written
 * @property manifest null if it was taken away
 */
internal class ResumableRun
private constructor(val directory: RunDirectory, val checkpoint: Checkpoint?, val manifest: Manifest?) {
  private val folder = CheckpointFolder(directory.checkpoints())
  private val newest = newestListed()

  /** What tells it from every other run; null: an earlier program gave it nothing. */
  val id: String? = manifest?.id ?: checkpoint?.let { TrainingPlan.run(it.state()).orElse(null) }

  /** The newest checkpoint that there ever was, as far as anything tells. */
  val newestKnown: Long? = listOfNotNull(newest, manifest?.newestCheckpoint).maxOrNull()

  /**
   * Finds out whether this is still so, now that nobody else can train here.
   *
   * @throws UserError if somebody has
   */
  fun requireUnchanged() {
    if (newestListed() != newest) {
      throw UserError(
        "${directory.root()} was trained by another process meanwhile; the same command goes on with that"
      )
    }
  }

  /**
   * Refuses a run without checkpoints that once had some: it would begin at step 0, over all that is known of it.
   *
   * @param checkpointEvery of its config
   * @throws UserError if anything tells of a checkpoint
   */
  fun requireNothingLost(checkpointEvery: Cadence) {
    if (checkpoint != null) return
    val record = manifest?.newestCheckpoint
    val evaluations = EvaluationFile(directory.evaluations()).all {}.filter { it.origin == Origin.TRAINING }
    // A program that does not record checkpoints in the manifest wrote them by this rule, and counted in steps.
    val counted = checkpointEvery.unit == Cadence.Unit.STEPS && !checkpointEvery.never()
    val due = if (manifest?.changes == null && counted) checkpointEvery.amount.toLong() else Long.MAX_VALUE
    val last = if (directory.metrics().exists()) MetricsLog.read(directory.metrics()).lastOrNull()?.step() else null
    val why =
      when {
        record != null -> "manifest.json tells of one at step $record"
        evaluations.isNotEmpty() -> "evaluations.jsonl tells of one at step ${evaluations.last().step}"
        last != null && last > due -> "metrics.jsonl goes to step $last, and there was one every $due steps"
        else -> return
      }
    throw lost(directory, "${directory.checkpoints()} has no checkpoints any more; $why")
  }

  private fun newestListed() = folder.list().lastOrNull()?.let(CheckpointFolder::step)

  companion object {
    /**
     * @throws UserError if the folder is no run, or its checkpoints cannot be reached; nothing was changed
     * @throws java.io.IOException if there are checkpoints, and none can be used
     */
    fun open(root: Path): ResumableRun {
      requireRun(root)
      val directory = RunDirectory(root)
      requireCheckpointFolder(directory)
      val checkpoint = CheckpointFolder(directory.checkpoints()).latestUsable().orElse(null)
      val manifest = ManifestFile(directory).read()
      checkpoint?.let {
        if (manifest?.id == null) requireOneRun(root, it) else requireOwn(root, manifest.id, it)
      }
      return ResumableRun(directory, checkpoint, manifest)
    }

    private fun requireCheckpointFolder(directory: RunDirectory) {
      val folder = directory.checkpoints()
      val what =
        when {
          folder.isDirectory() -> return
          Files.isSymbolicLink(folder) -> "a link that leads nowhere"
          folder.exists() -> "a file"
          else -> "missing"
        }
      throw lost(directory, "$folder is $what")
    }

    private fun lost(directory: RunDirectory, what: String) =
      UserError(
        "$what; bring the checkpoints back (is a disk not mounted?), or begin a new run: host run --config " +
          "${directory.config()}. Nothing was changed",
        ExitCode.USAGE,
      )
  }
}
