package io.github.diffusionhost.app.train

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.exchange.DiffusersFolder
import io.github.diffusionhost.app.run.isRun
import io.github.diffusionhost.app.run.runAround
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
  if (!isRun(root)) throw UserError("${Printable.path(root)} ${whatElse(root)}", ExitCode.USAGE)
}

private fun whatElse(path: Path): String {
  val run = runAround(path)
  val name = Printable.path(path)
  val resume = "to go on with that run: host run --resume ${run?.let(Printable::path)}"
  return when {
    !path.exists() ->
      if (Files.isSymbolicLink(path)) "is a link that leads nowhere"
      else "does not exist; --resume takes the folder of a run, such as runs/quickstart"
    Checkpoint.isOne(path) && run != null -> "is ${checkpointOf(path, run)}; $resume"
    Checkpoint.isOne(path) -> "is a checkpoint without a run, ${fromWeights(name)}"
    run != null -> "is a part of the run ${Printable.path(run)}; $resume"
    !path.isDirectory() -> "is a file; --resume takes the folder of a run"
    DiffusersFolder.isOne(path) -> "is a folder of diffusers, ${fromWeights(name)}"
    else -> whatIsLeft(RunDirectory(path))
  }
}

/** Of a folder that is no run: whether it was one. */
private fun whatIsLeft(folder: RunDirectory): String {
  val begin = "host run --config ${Printable.path(folder.config())}"
  val record = folder.manifest().exists() || folder.checkpoints().exists(NOFOLLOW_LINKS)
  val log = folder.metrics().exists() || folder.samples(0).parent.exists()
  return when {
    folder.config().exists() && log ->
      "has lost its manifest.json and its checkpoints; bring them back, or begin a new run: $begin"
    folder.config().exists() -> "has a config.yaml and nothing of a run; to begin one: $begin"
    record && log -> "has lost its config.yaml; put it back: a copy is in each of its checkpoints"
    else -> "has no config.yaml, so it is not a run; --resume takes the folder of a run, such as runs/quickstart"
  }
}

private fun checkpointOf(path: Path, run: Path): String {
  val here = path.toRealPath()
  val checkpoint = CheckpointFolder(RunDirectory(run).checkpoints()).list().find { it.toRealPath() == here }
  val name = Printable.path(run)
  if (checkpoint == null) return "a part of the run $name"
  val fork = "host run --fork $name@${CheckpointFolder.step(checkpoint)}"
  return "a checkpoint of the run $name, not the run; to begin a new run with its state: $fork"
}

private fun fromWeights(name: String) =
  "which has no state to go on with; to begin a new run with its weights: host run --config FILE --set train.from=$name"
