package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.exchange.DiffusersFolder
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.RunFiles
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.run.TrainedNetwork")

/**
 * The checkpoint that a person named: its folder, or a run's folder for the run's newest one.
 *
 * @throws UserError if there is none
 */
fun openCheckpoint(path: Path): Checkpoint {
  val run = RunDirectory(path)
  if (!run.config().exists() || !run.checkpoints().exists()) {
    noCheckpoint(path)?.let { throw UserError("${Printable.path(path)} $it", ExitCode.USAGE) }
    return Checkpoint.open(path)
  }
  return newestCheckpoint(path).also { warnOfForeign(path, it) }
}

/**
 * The newest checkpoint in the folder of a run, whichever run it was made in.
 *
 * @throws UserError if there is none
 */
internal fun newestCheckpoint(root: Path): Checkpoint =
  CheckpointFolder(RunDirectory(root).checkpoints()).latestUsable().orElseThrow {
    UserError("the run ${Printable.path(root)} has no checkpoint yet", ExitCode.USAGE)
  }

/** What a path is that leads to no checkpoint, and what to name instead; null: nothing is known of it. */
private fun noCheckpoint(path: Path): String? {
  // One that is damaged says so itself.
  if (!path.exists() || Checkpoint.isOne(path) || path.name.startsWith("step-")) return null
  val run = runAround(path)
  val newest = CheckpointFolder(path).list().lastOrNull()
  val instead = run?.let { "name the run, ${Printable.path(it)}, for its newest checkpoint" }
  return when {
    newest != null ->
      "is a folder of checkpoints; " +
        listOfNotNull(instead, "name one of them: ${Printable.path(newest)}").joinToString(", or ")
    instead != null -> "is a part of a run, and no checkpoint; $instead"
    isRun(path) -> "is a run without the folder of its checkpoints; bring that back (is a disk not mounted?)"
    DiffusersFolder.isOne(path) ->
      "is a folder of diffusers; it becomes a checkpoint by host import --diffusers ${Printable.path(path)} --out DIR"
    !path.isDirectory() -> "is a file; a checkpoint is a folder"
    else -> "is neither a run nor a checkpoint: it has no config.yaml beside checkpoints, and no state.json"
  }
}

/**
 * Which weights of a checkpoint are used: `ema` if there are averages, `ema-1`, …, or `model`.
 *
 * @param option the option that [asked] comes from
 */
fun weightsFile(checkpoint: Checkpoint, asked: String?, option: String = "--weights"): String {
  val file = asked?.let { "$it.safetensors" } ?: RunFiles.ema(0).takeIf { it in checkpoint.files() } ?: RunFiles.MODEL
  if (file !in checkpoint.files() || file == RunFiles.OPTIMIZER) {
    val there = checkpoint.files().filter { it.endsWith(".safetensors") && it != RunFiles.OPTIMIZER }
    throw UserError(
      "$option $asked: the checkpoint has ${there.joinToString(", ") { it.removeSuffix(".safetensors") }}",
      ExitCode.USAGE,
    )
  }
  return file
}

/** Warns of weights that are no numbers: nothing comes of them. */
fun warnOfBrokenWeights(network: Network, from: String) {
  val broken = network.weights().broken()
  if (broken.isNotEmpty()) {
    log.warn(
      "{}: {} of {} tensors hold values that are not numbers, or infinite, such as {}",
      from,
      broken.size,
      network.weights().values().size,
      broken.first(),
    )
  }
}

/** Puts weights of a checkpoint into a network. */
fun loadWeights(network: Network, checkpoint: Checkpoint, file: String) {
  val scope: NDManager = network.manager().newSubManager()
  scope.use {
    try {
      network.weights().load(checkpoint.tensors(file, it))
      warnOfBrokenWeights(network, "${checkpoint.folder()}/$file")
    } catch (e: IOException) {
      throw UserError(
        "${checkpoint.folder()}/$file does not fit the checkpoint's own config: ${e.message}",
        ExitCode.FAILED,
        e,
      )
    }
  }
}
