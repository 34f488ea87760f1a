package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.RunFiles
import io.github.diffusionhost.engine.train.Trainer
import java.io.IOException

/**
 * Gives a trainer everything of a checkpoint.
 *
 * @return what the checkpoint has and the training has no place for: moments of another optimizer, averages
 * @throws UserError if it does not fit
 */
internal fun loadState(checkpoint: Checkpoint, trainer: Trainer): List<OptionChange> {
  val leftOut =
    try {
      trainer.resume(checkpoint)
    } catch (e: IOException) {
      throw misfit(checkpoint, e.message.orEmpty(), e)
    }
  leftOut[RunFiles.MODEL]?.let {
    throw misfit(checkpoint, "${RunFiles.MODEL} has ${tensors(it)} that the config has no place for")
  }
  return leftOut.map { (file, tensors) -> OptionChange(part(file), tensors(tensors), "nothing of that") }
}

private fun misfit(checkpoint: Checkpoint, why: String, cause: IOException? = null) =
  UserError(
    "the state does not fit the config: $why; to begin with its weights: host run --config FILE --set " +
      "train.from=${checkpoint.folder()}",
    cause = cause,
  )

private fun part(file: String) =
  if (file == RunFiles.OPTIMIZER) "state of the optimizer" else "average ${file.removeSuffix(".safetensors")}"

private fun tensors(number: Int) = if (number == 1) "1 tensor" else "$number tensors"
