package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.config.StartingWeights
import io.github.diffusionhost.app.exchange.DiffusersFolder
import io.github.diffusionhost.app.exchange.TensorFiles
import io.github.diffusionhost.app.exchange.presentName
import io.github.diffusionhost.app.run.isRun
import io.github.diffusionhost.app.run.openCheckpoint
import io.github.diffusionhost.app.run.weightsFile
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import java.nio.file.Path
import kotlin.io.path.exists

/**
 * Where weights come from, opened; the caller closes the tensors.
 *
 * @property folder that the files lie in
 * @property step of a checkpoint; null: it is none
 */
internal class WeightsSource private constructor(val folder: Path, val step: Long?, val tensors: TensorFiles) {
  companion object {
    /** @throws UserError if there are no weights there */
    fun open(from: StartingWeights): WeightsSource {
      val path = from.path
      return when {
        isRun(path) || Checkpoint.isOne(path) -> of(openCheckpoint(path), from.weights)
        DiffusersFolder.isOne(path) && from.weights == null ->
          WeightsSource(path, null, DiffusersFolder.open(path).weights().renamed(::presentName))
        DiffusersFolder.isOne(path) -> refuse("train.from.weights: a folder of diffusers has only one; leave it out")
        !path.exists() -> refuse("train.from: $path does not exist")
        else ->
          refuse(
            "train.from: $path is no run, no checkpoint and no folder of diffusers; other weights become a checkpoint " +
              "by host import"
          )
      }
    }

    private fun of(checkpoint: Checkpoint, weights: String?): WeightsSource {
      val file = weightsFile(checkpoint, weights, "train.from.weights")
      val state = checkpoint.state()
      return WeightsSource(checkpoint.folder(), state.step(), TensorFiles.of(checkpoint.folder().resolve(file)))
    }

    private fun refuse(message: String): Nothing = throw UserError(message, ExitCode.USAGE)
  }
}
