package io.github.diffusionhost.app.average

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.train.RunFiles
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists

/**
 * Refuses a place that is taken, before any work is done for it.
 *
 * @throws UserError if there is something
 */
internal fun requireNew(out: Path) {
  if (out.exists()) throw UserError("--out $out is there already; choose another folder", ExitCode.USAGE)
}

/** Writes a checkpoint that belongs to no run: beside its place, and moved there when it is whole. */
internal fun writeCheckpoint(
  out: Path,
  state: CheckpointState,
  weights: Map<String, Map<String, NDArray>>,
  config: String,
) {
  val place = out.toAbsolutePath().normalize()
  Files.createDirectories(place.parent)
  Aside.of(place).use { aside ->
    val written = CheckpointFolder(aside.path()).write(state, weights, mapOf(RunFiles.CONFIG to config))
    Files.move(written, place)
  }
}
