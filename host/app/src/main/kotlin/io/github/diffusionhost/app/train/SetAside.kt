package io.github.diffusionhost.app.train

import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.name

/**
 * Keeps what a run has beyond a step that it goes back to although it had later checkpoints: damaged checkpoints,
 * snapshots and sample grids are moved into a folder `set-aside/…` of the run, logs are copied.
 *
 * @return the folder
 */
internal fun setAside(run: RunDirectory, step: Long): Path {
  val parent = run.root().resolve("set-aside")
  val folder = generateSequence(1) { it + 1 }.map { parent.resolve("$it-beyond-step-$step") }.first { !it.exists() }
  folder.createDirectories()
  for (file in listOf(run.metrics(), run.evaluations(), run.manifest(), run.config())) {
    if (file.exists()) file.copyTo(folder.resolve(file.name), overwrite = false)
  }
  for (steps in listOf(run.checkpoints(), run.emaSnapshots())) {
    CheckpointFolder(steps)
      .list()
      .filter { CheckpointFolder.step(it) > step }
      .forEach { move(it, folder.resolve(steps.name)) }
  }
  val samples = run.samples(step).parent
  if (Files.isDirectory(samples)) {
    samples
      .listDirectoryEntries("step-*.png")
      .filter { stepOf(it) > step }
      .forEach { move(it, folder.resolve("samples")) }
  }
  return folder
}

private fun move(path: Path, into: Path) {
  path.moveTo(into.createDirectories().resolve(path.name))
}

private fun stepOf(grid: Path): Long = grid.name.removePrefix("step-").takeWhile(Char::isDigit).toLongOrNull() ?: 0
