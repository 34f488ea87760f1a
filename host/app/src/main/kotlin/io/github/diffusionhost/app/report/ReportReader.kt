package io.github.diffusionhost.app.report

import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.InvalidPathException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.name

private const val GRID_STEPS = 40
private const val FIGURES = 20
private const val PICTURE_BYTES = 8_000_000
private const val LEAST_BYTES = 20_000

/** Reads what is known of runs from their folders, finished or not. */
class ReportReader(private val configs: ConfigComparison) {
  /**
   * Reads a run.
   *
   * @param share how many runs share a page, and so the room for pictures
   * @throws UserError if the folder is no run, or has no metrics yet
   */
  fun read(folder: Path, share: Int = 1): RunReport {
    val directory = RunDirectory(folder)
    val history = readMetrics(folder)
    val notes = mutableListOf<String>()
    history.leftOut()?.let(notes::add)
    val config = configs.facts(directory.config(), notes::add)
    val evaluations = EvaluationFile(directory.evaluations()).read(notes::add)
    val pictures = Pictures(folder, history, evaluations, share, notes::add)
    return RunReport(
      config?.options?.get("name")?.removeSurrounding("\"") ?: folder.toAbsolutePath().normalize().name,
      folder,
      history,
      LevelHistory.of(history),
      References.read(directory.references(), notes::add),
      pictures.grids,
      evaluations,
      pictures.figures,
      config,
      manifest(directory, notes::add),
      notes,
    )
  }

  private fun manifest(directory: RunDirectory, note: (String) -> Unit): Manifest? =
    try {
      ManifestFile(directory).read()
    } catch (_: UserError) {
      note("manifest.json cannot be read, so the environment is not known.") // a report needs no more
      null
    }
}

/**
 * Reads the metrics of a run.
 *
 * @throws UserError if the folder is no run, or has no metrics yet
 */
fun readMetrics(folder: Path): RunHistory {
  val directory = RunDirectory(folder)
  if (!folder.exists()) refuse("$folder does not exist; host report takes the folder of a run, such as runs/quickstart")
  if (!folder.isDirectory()) refuse("$folder is a file; host report takes the folder of a run, such as runs/quickstart")
  if (!directory.metrics().exists() && !directory.config().exists()) {
    refuse("$folder has neither config.yaml nor metrics.jsonl, so it is not a run")
  }
  val history = readHistory(directory.metrics())
  if (history.rows == 0) refuse("$folder has no metrics yet: a run writes the first after train.logEvery steps")
  return history
}

private fun refuse(message: String): Nothing = throw UserError(message, ExitCode.USAGE)

/** The pictures of a run, in the room that they share. */
private class Pictures(
  private val folder: Path,
  private val history: RunHistory,
  evaluations: List<EvaluationRecord>,
  private val share: Int,
  private val note: (String) -> Unit,
) {
  private val files = sampleGrids(RunDirectory(folder).samples(0).parent, maxOf(2, GRID_STEPS / share))
  private val named = evaluations.flatMap { e -> e.figures.map { e to it } }.takeLast(FIGURES)
  private val bytes = maxOf(LEAST_BYTES, PICTURE_BYTES / share / maxOf(1, files.size + named.size))

  val grids: List<RunReport.Grid> = files.mapNotNull { grid ->
    PagePicture.read(grid.file, bytes, note)?.let { RunReport.Grid(grid.step, imagesAt(grid.step), grid.weights, it) }
  }

  val figures: List<RunReport.Figure> = named.mapNotNull { (evaluation, name) ->
    inside(name)?.let { PagePicture.read(it, bytes, note) }?.let { RunReport.Figure(evaluation, name, it) }
  }

  /** Steps are of one size. */
  private fun imagesAt(step: Long): Long {
    val last = history.rows - 1
    return if (history.step(last) == 0L) 0 else step * history.images(last) / history.step(last)
  }

  private fun inside(name: String): Path? {
    val root = folder.toAbsolutePath().normalize()
    val file =
      try {
        root.resolve(name).normalize()
      } catch (_: InvalidPathException) {
        null // noted below, as what lies outside is
      }
    if (file != null && file.startsWith(root)) return file
    note("The figure ${printable(name)} lies outside of the run and is left out.")
    return null
  }
}
