package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.run.Manifest
import java.nio.file.Path

/**
 * Everything that is known of a run.
 *
 * @property name the config's, or the folder's
 * @property grids pictures of samples by step
 * @property notes what could not be read
 */
class RunReport(
  val name: String,
  val folder: Path,
  val history: RunHistory,
  val levels: LevelHistory?,
  val references: References?,
  val grids: List<Grid>,
  val evaluations: List<EvaluationRecord>,
  val figures: List<Figure>,
  val config: ConfigFacts?,
  val manifest: Manifest?,
  val notes: List<String>,
) {
  /** A grid of samples; [weights] null for the run's own choice. */
  class Grid(val step: Long, val images: Long, val weights: String?, val picture: PagePicture)

  /** A picture of an evaluation. */
  class Figure(val evaluation: EvaluationRecord, val name: String, val picture: PagePicture)

  /** Steps done, at the last row. */
  val steps: Long
    get() = history.step(history.rows - 1)

  /** Images seen, at the last row. */
  val images: Long
    get() = history.images(history.rows - 1)

  /** Seconds of training, at the last row. */
  val seconds: Double
    get() = history.seconds(history.rows - 1)

  /** The steps that the run is to have; null if that is not known. */
  val totalSteps: Long?
    get() = manifest?.let { config?.totalSteps?.invoke(it.dataset.images.toLong()) }

  /** The unit of the noise levels. */
  val unit: LevelUnit
    get() = references?.unit() ?: LevelUnit.UNKNOWN

  /** The same under another name. */
  fun named(name: String) =
    RunReport(name, folder, history, levels, references, grids, evaluations, figures, config, manifest, notes)

  /** The scalars that have charts of their own, the usual ones first. */
  val scalars: List<String>
    get() = history.columns.keys.filterNot(LevelHistory::has).sortedBy { Scalar.rank(it) }
}
