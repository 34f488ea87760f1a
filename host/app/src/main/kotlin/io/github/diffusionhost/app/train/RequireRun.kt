package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.exchange.DiffusersFolder
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.train.RunDirectory
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory

/**
 * Refuses to go on with what is no run.
 *
 * @throws UserError that says what it is, and what to type instead
 */
internal fun requireRun(root: Path) {
  if (!isRun(root)) throw UserError("$root ${whatElse(root)}", ExitCode.USAGE)
}

/** Whether a folder is that of a run, whose checkpoints may be out of reach. */
internal fun isRun(root: Path): Boolean {
  val run = RunDirectory(root)
  return run.config().exists() &&
    !Checkpoint.isOne(root) &&
    (run.manifest().exists() || run.checkpoints().exists(NOFOLLOW_LINKS))
}

private fun whatElse(path: Path): String {
  val run = runAround(path)
  val resume = "to go on with that run: host run --resume $run"
  return when {
    !path.exists() ->
      if (Files.isSymbolicLink(path)) "is a link that leads nowhere"
      else "does not exist; --resume takes the folder of a run, such as runs/quickstart"
    Checkpoint.isOne(path) && run != null -> "is ${checkpointOf(path, run)}; $resume"
    Checkpoint.isOne(path) -> "is a checkpoint without a run, ${fromWeights(path)}"
    run != null -> "is a part of the run $run; $resume"
    !path.isDirectory() -> "is a file; --resume takes the folder of a run"
    DiffusersFolder.isOne(path) -> "is a folder of diffusers, ${fromWeights(path)}"
    RunDirectory(path).config().exists() ->
      "has a config.yaml and nothing of a run; to begin one: host run --config ${RunDirectory(path).config()}"
    else -> "has no config.yaml, so it is not a run; --resume takes the folder of a run, such as runs/quickstart"
  }
}

private fun checkpointOf(path: Path, run: Path): String {
  val here = path.toRealPath()
  val checkpoint = CheckpointFolder(RunDirectory(run).checkpoints()).list().find { it.toRealPath() == here }
  if (checkpoint == null) return "a part of the run $run"
  val fork = "host run --fork $run@${CheckpointFolder.step(checkpoint)}"
  return "a checkpoint of the run $run, not the run; to begin a new run with its state: $fork"
}

private fun fromWeights(path: Path) =
  "which has no state to go on with; to begin a new run with its weights: host run --config FILE --set train.from=$path"

/** The run that a path lies in. */
private fun runAround(path: Path): Path? =
  generateSequence(path.toAbsolutePath().normalize().parent) { it.parent }.take(2).firstOrNull(::isRun)
