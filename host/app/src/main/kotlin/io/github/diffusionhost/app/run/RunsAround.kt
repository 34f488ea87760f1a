package io.github.diffusionhost.app.run

import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import kotlin.io.path.exists

/** Whether a folder is that of a run, whose checkpoints may be out of reach. */
internal fun isRun(root: Path): Boolean {
  val run = RunDirectory(root)
  return run.config().exists() &&
    !Checkpoint.isOne(root) &&
    (run.manifest().exists() || run.checkpoints().exists(NOFOLLOW_LINKS))
}

/** The run that a path lies in. */
internal fun runAround(path: Path): Path? = foldersAround(path).take(2).firstOrNull(::isRun)

/** The folders that a path lies in, the nearest first. */
internal fun foldersAround(path: Path): Sequence<Path> =
  generateSequence(path.toAbsolutePath().normalize().parent) { it.parent }
