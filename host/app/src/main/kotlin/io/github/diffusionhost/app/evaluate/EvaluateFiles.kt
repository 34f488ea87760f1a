package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.DatasetChoice
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.image.ImageFilesDataset
import java.nio.file.Path
import kotlin.io.path.name

/** What images are compared with. */
internal sealed interface ComparedWith {
  /** A folder or a zip of images. */
  data class Files(val path: Path) : ComparedWith

  /** The splits of a dataset. */
  data class Dataset(val choice: DatasetChoice, val seed: Long) : ComparedWith
}

/**
 * Evaluates images that are there already.
 *
 * @param manager the device
 * @param seed every draw of the metrics follows from it
 */
internal class EvaluateFiles(
  private val assembly: RunAssembly,
  private val manager: NDManager,
  private val seed: Long,
) {
  /**
   * @param asked how many of them; null: all
   * @param follow told how far it is
   * @param say tells a person in a line
   * @throws UserError if images and metrics do not fit each other
   * @throws java.io.IOException if images or files that a metric needs cannot be read
   */
  fun run(
    path: Path,
    reference: ComparedWith,
    asked: Int?,
    metrics: List<BoundMetric<*>>,
    follow: MetricFollower,
    say: (String) -> Unit,
  ): EvaluationResult {
    val references = ReferenceImages(null) { open(reference, it) }
    Evaluation(assembly, references, null, manager, seed).use { evaluation ->
      val wanted = references[Split.TRAIN].shape()
      ImageFilesDataset.open(path, wanted).use { files ->
        val sha256 = files.sha256()
        val about = words(reference)
        val images = ImagesInFiles(files, asked, sha256, about, manager, follow)
        val key =
          listOf("files", sha256, about, "$asked", "$seed", "${manager.device}") + metrics.map(PartialEvaluation::part)
        val kept = PartialEvaluation(assembly.dataFolder, PartialEvaluation.key(key), say)
        val found = evaluation.run(metrics, images, follow, kept)
        return EvaluationResult(EvaluationSubject.OfFiles(path, files.size(), sha256), found)
      }
    }
  }

  private fun open(reference: ComparedWith, split: Split): ImageDataset =
    when (reference) {
      is ComparedWith.Dataset -> assembly.openDataset(reference.choice, split, reference.seed)
      is ComparedWith.Files -> {
        if (split == Split.TEST) {
          throw UserError(
            "--reference ${reference.path}: a metric asks for test images, and a folder or zip is one set of images; " +
              "change its options, or name a dataset by --plugins or --config",
            ExitCode.USAGE,
          )
        }
        ImageFilesDataset.open(reference.path, null)
      }
    }

  private fun words(reference: ComparedWith): String =
    when (reference) {
      is ComparedWith.Dataset ->
        when (val choice = reference.choice) {
          // A record's text is NAME[a=1, b=2], that of a data class has round brackets.
          is BoundDataset<*> ->
            "${choice.provider.name()}: " + "${choice.options}".dropWhile { it !in "[(" }.drop(1).dropLast(1)
          else -> "none"
        }
      is ComparedWith.Files ->
        ImageFilesDataset.open(reference.path, null).use {
          "${reference.path.name}: ${it.size()} images, sha256 ${it.sha256()}"
        }
    }
}
