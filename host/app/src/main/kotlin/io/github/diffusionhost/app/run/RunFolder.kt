package io.github.diffusionhost.app.run

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.train.RunDirectory
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries

/**
 * A new run's folder: the one that was asked for, or the first of `runs/NAME`, `runs/NAME-2`, … that is not there.
 *
 * @throws UserError if it holds a run already, or cannot be made
 */
fun newRunFolder(asked: Path?, name: String): RunDirectory {
  val root =
    asked
      ?: generateSequence(1) { it + 1 }
        .map { if (it == 1) name else "$name-$it" }
        .map { Path.of("runs", it) }
        .first { !it.exists() }
  val directory = RunDirectory(root)
  val around = around(root)
  val inside = holdsRuns(root)
  val taken =
    when {
      Checkpoint.isOne(root) -> "is a checkpoint: choose another --run-dir"
      inside != null ->
        "holds other runs, such as ${Printable.path(inside)}, which would become parts of this one: choose " +
          "another --run-dir"
      around != null -> "lies in $around: choose a --run-dir outside of it"
      directory.config().exists() -> "holds a run already: go on with it by --resume $root, or choose another --run-dir"
      CheckpointFolder(directory.checkpoints()).list().isNotEmpty() ->
        "holds checkpoints without a run: choose another --run-dir"
      else -> null
    }
  if (taken != null) throw UserError("${Printable.path(root)} $taken", ExitCode.USAGE)
  try {
    Files.createDirectories(directory.samples(0).parent)
    Files.createDirectories(directory.checkpoints())
  } catch (e: IOException) {
    throw UserError(
      "the run's folder ${Printable.path(root)} cannot be made: ${reason(e)}; choose another by --run-dir",
      ExitCode.FAILED,
      e,
    )
  }
  return directory
}

/** The run or checkpoint that a folder would lie in, and be taken for a part of; null: none. */
private fun around(root: Path): String? {
  val named = foldersAround(root)
  // Names may be links.
  val real = if (root.exists()) foldersAround(root.toRealPath()) else realFolders(named.first { it.exists() })
  return (named + real).firstNotNullOfOrNull {
    when {
      isRun(it) -> "the run ${Printable.path(it)}"
      Checkpoint.isOne(it) -> "the checkpoint ${Printable.path(it)}"
      else -> null
    }
  }
}

/** A run in a folder, after which none could begin there; null: none. */
private fun holdsRuns(root: Path): Path? =
  if (root.isDirectory()) root.listDirectoryEntries().sorted().find(::isRun) else null

private fun realFolders(folder: Path) = folder.toRealPath().let { sequenceOf(it) + foldersAround(it) }

/**
 * Runs [block] in the folder of a run. If that comes to nothing, and nothing was ever written there, the folder is
 * gone.
 */
internal inline fun <T> leavingNoEmptyFolder(directory: RunDirectory, block: () -> T): T =
  try {
    block()
  } catch (e: Throwable) {
    if (!directory.config().exists()) removeIfEmpty(directory)
    throw e
  }

internal fun removeIfEmpty(directory: RunDirectory) {
  try {
    val root = directory.root()
    root.resolve(RunLock.FILE).deleteIfExists()
    for (folder in listOf(directory.samples(0).parent, directory.checkpoints(), root)) folder.deleteIfExists()
  } catch (_: IOException) {
    // Something is there after all.
  }
}

/** What a failed file operation says, without the file that the message names already. */
internal fun reason(e: IOException): String =
  when (e) {
    is AccessDeniedException -> "no permission"
    is FileAlreadyExistsException ->
      if (Files.isSymbolicLink(Path.of(e.file))) "${e.file} is a link that leads nowhere" else "${e.file} is a file"
    is FileSystemException -> e.reason ?: e.javaClass.simpleName
    else -> e.message ?: e.javaClass.simpleName
  }
