package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.TrackedRow
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.evaluate.record.EvaluationFile
import io.github.diffusionhost.app.evaluate.record.foundInTraining
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Path
import java.time.Instant
import kotlin.io.path.exists
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private val PICTURE = Regex("step-(\\d{6,18})(-model)?\\.png")

/** The group of numbers that a training has found of itself. */
internal fun measured(values: Map<String, Double>) = values.mapKeys { "metrics/${it.key}" }

/** What the files of a run that goes on after [done] steps say that it has recorded. */
internal class RecordedBefore(
  private val config: RunConfig,
  private val directory: RunDirectory,
  private val done: Long,
) {
  /** Every number, by rising step; what was measured at a step comes after what was logged at it. */
  fun rows(): List<TrackedRow> {
    val now = Instant.now()
    val logged = if (directory.metrics().exists()) MetricsLog.read(directory.metrics()) else emptyList()
    val rows = logged.map { TrackedRow(it.step(), it.images(), it.seconds(), now, it.values()) }
    val found =
      foundInTraining(EvaluationFile(directory.evaluations())) {}
        .map { (step, values) ->
          val seconds = logged.lastOrNull { it.step() <= step }?.seconds() ?: 0.0
          TrackedRow(step, step * config.train.batchSize(), seconds, now, measured(values))
        }
    return (rows + found).filter { it.step() <= done }.sortedBy { it.step() }
  }

  /** Sample grids by their paths in the run's folder. */
  fun pictures(): Map<String, Path> {
    val folder = directory.samples(0).parent
    if (!folder.isDirectory()) return emptyMap()
    val ours =
      folder.listDirectoryEntries("*.png").filter { file ->
        PICTURE.matchEntire(file.name)?.let { it.groupValues[1].toLong() <= done } ?: false
      }
    return ours.sorted().associateBy { directory.root().relativize(it).invariantSeparatorsPathString }
  }
}
