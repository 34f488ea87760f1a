package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import java.io.IOException
import java.nio.file.Path
import org.slf4j.LoggerFactory

/**
 * Notes the newest checkpoint in the manifest of a run, so that a run whose checkpoints are gone is told from one that
 * never had any. What is wrong with the manifest is a warning, for the checkpoint is there.
 */
internal class CheckpointMark(directory: RunDirectory, private val next: TrainListener) : TrainListener by next {
  private val log = LoggerFactory.getLogger(CheckpointMark::class.java)
  private val file = ManifestFile(directory)

  override fun saved(checkpoint: Path) {
    note(CheckpointFolder.step(checkpoint))
    next.saved(checkpoint)
  }

  fun note(step: Long) {
    try {
      file.update { copy(newestCheckpoint = step) }
    } catch (e: UserError) {
      log.warn("the checkpoint of step {} is not noted: {}", step, e.message)
    } catch (e: IOException) {
      log.warn("the checkpoint of step {} is not noted in manifest.json: {}", step, e.message)
    }
  }
}
