package io.github.diffusionhost.app.report

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

private val NAME = Regex("""step-(\d{1,18})(?:-([a-z0-9-]+))?\.png""")

/**
 * A grid of samples of a run.
 *
 * @property weights the weights it was drawn from, from the file's name `step-000500-model.png`; null for the run's own
 *   choice, `step-000500.png`
 */
data class SampleGrid(val step: Long, val weights: String?, val file: Path)

/** The grids in a folder, by step; of each kind of weights those that [most] leaves, evenly chosen with both ends. */
fun sampleGrids(folder: Path, most: Int): List<SampleGrid> {
  if (!folder.isDirectory()) return emptyList()
  val all =
    folder.listDirectoryEntries().mapNotNull { file ->
      NAME.matchEntire(file.name)
        ?.takeIf { Files.isRegularFile(file) }
        ?.let { SampleGrid(it.groupValues[1].toLong(), it.groupValues[2].ifEmpty { null }, file) }
    }
  val steps = evenly(all.map { it.step }.distinct().sorted(), most).toSet()
  return all.filter { it.step in steps }.sortedWith(compareBy({ it.step }, { it.weights.orEmpty() }))
}

/** Up to [most] of a list, evenly spread, with the first and the last. */
fun <T> evenly(all: List<T>, most: Int): List<T> =
  if (all.size <= most) all else List(most) { all[(it.toLong() * (all.size - 1) / (most - 1)).toInt()] }
