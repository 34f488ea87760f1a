package io.github.diffusionhost.app.run

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointException
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainingPlan
import java.nio.file.Path
import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.run.OwnCheckpoint")

/**
 * A checkpoint that lies in a run's folder and was made in another run would be trained on as if it were the run's.
 *
 * @param id of the run; null: it has none, or is not known
 * @throws UserError if the checkpoint has another one
 */
internal fun requireOwn(root: Path, id: String?, checkpoint: Checkpoint) {
  if (isOwn(id, checkpoint)) return
  val made = madeIn(checkpoint)
  throw UserError(
    "${checkpoint.folder()} is a checkpoint of another run, $made, and $root is $id: move it away; to begin a new run " +
      "with its state: host run --fork ${checkpoint.folder()}",
    ExitCode.USAGE,
  )
}

/** Whether a checkpoint may be one of the run with this id: those of earlier programs have none. */
internal fun isOwn(id: String?, checkpoint: Checkpoint): Boolean {
  val made = madeIn(checkpoint)
  return id == null || made == null || made == id
}

/**
 * Without a manifest a run is known by its checkpoints, which therefore must be of one.
 *
 * @throws UserError if another one is of another run than [newest]
 */
internal fun requireOneRun(root: Path, newest: Checkpoint) {
  val id = madeIn(newest) ?: return
  val other = CheckpointFolder(RunDirectory(root).checkpoints()).list().find { (idIn(it) ?: id) != id } ?: return
  throw UserError(
    "${Printable.path(root)} has no manifest.json that says which run it is, and its checkpoints are of two: " +
      "${Printable.path(newest.folder())} of $id, and ${Printable.path(other)} of ${idIn(other)}; put the manifest " +
      "back, or move those of the other run away",
    ExitCode.USAGE,
  )
}

/** Warns that the newest checkpoint in a run's folder is of another run, for whom that does not stop. */
internal fun warnOfForeign(root: Path, checkpoint: Checkpoint) {
  val id = knownId(root)
  if (isOwn(id, checkpoint)) return
  log.warn(
    "{} is a checkpoint of another run, {}, and {} is {}; name one of its own to use that",
    Printable.path(checkpoint.folder()),
    madeIn(checkpoint),
    Printable.path(root),
    id,
  )
}

/** The id of a run, as far as its manifest can be read. */
internal fun knownId(root: Path): String? =
  try {
    ManifestFile(RunDirectory(root)).read()?.id
  } catch (_: UserError) {
    null // it is damaged, which whoever needs it says
  }

private fun madeIn(checkpoint: Checkpoint) = TrainingPlan.run(checkpoint.state()).orElse(null)

/** The id in a checkpoint; null if it has none, or is damaged. */
private fun idIn(folder: Path): String? =
  try {
    madeIn(Checkpoint.open(folder))
  } catch (_: CheckpointException) {
    null // whoever needs the checkpoint says what is wrong with it
  }
