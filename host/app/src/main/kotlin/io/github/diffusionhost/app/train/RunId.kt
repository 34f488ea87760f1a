package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.TrainingPlan
import java.nio.file.Path
import java.util.UUID

/** The id of the run that begins or goes on: that which it has, or a new one, so that a fork is not its parent. */
internal fun idOf(beginning: Beginning, name: String): String =
  (beginning as? Beginning.Resumed)?.run?.id ?: "$name-${"${UUID.randomUUID()}".takeLast(DIGITS)}"

/**
 * A checkpoint that lies in a run's folder and was made in another run would be trained on as if it were the run's.
 *
 * @param id of the run; null: it has none, or is not known
 * @throws UserError if the checkpoint has another one
 */
internal fun requireOwn(root: Path, id: String?, checkpoint: Checkpoint) {
  if (isOwn(id, checkpoint)) return
  val made = TrainingPlan.run(checkpoint.state()).orElseThrow()
  throw UserError(
    "${checkpoint.folder()} is a checkpoint of another run, $made, and $root is $id: move it away; to begin a new run " +
      "with its state: host run --fork ${checkpoint.folder()}",
    ExitCode.USAGE,
  )
}

/** Whether a checkpoint may be one of the run with this id: those of earlier programs have none. */
internal fun isOwn(id: String?, checkpoint: Checkpoint): Boolean {
  val made = TrainingPlan.run(checkpoint.state()).orElse(null)
  return id == null || made == null || made == id
}

private const val DIGITS = 12
