package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.run.isOwn
import io.github.diffusionhost.app.run.isRun
import io.github.diffusionhost.app.run.newestCheckpoint
import io.github.diffusionhost.app.run.requireOwn
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.checkpoint.Checkpoint
import io.github.diffusionhost.engine.checkpoint.CheckpointFolder
import io.github.diffusionhost.engine.files.Sha256
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.RunFiles
import java.nio.file.Path
import kotlin.io.path.exists

/**
 * What a fork begins with.
 *
 * @property run whose checkpoint it is; null if it lies elsewhere
 */
internal class ForkParent private constructor(val checkpoint: Checkpoint, val run: Path?) {
  fun manifest(): Manifest? = run?.let { ManifestFile(RunDirectory(it)).read() }

  fun recorded() =
    Manifest.Parent(
      "${(run ?: checkpoint.folder()).toAbsolutePath().normalize()}",
      checkpoint.state().step(),
      Sha256.of(checkpoint.folder().resolve("state.json")),
    )

  companion object {
    /**
     * @param named a run, `RUN@STEP` or a checkpoint
     * @throws UserError if there is no such checkpoint, or it has no state to go on with
     */
    fun open(named: String): ForkParent {
      val at = named.substringAfterLast('@', "")
      if (named.isEmpty()) throw UserError("--fork is empty: name a run, RUN@STEP or a checkpoint", ExitCode.USAGE)
      val whole = Path.of(named)
      val parent =
        if (whole.exists() || at.isEmpty()) newest(whole) else ofStep(Path.of(named.substringBeforeLast('@')), at)
      if (RunFiles.OPTIMIZER !in parent.checkpoint.files()) {
        throw UserError(
          "--fork $named: this checkpoint holds weights and no state of a training; to begin with its weights: " +
            "host run --config FILE --set train.from=$named",
          ExitCode.USAGE,
        )
      }
      return parent
    }

    private fun newest(path: Path): ForkParent {
      if (!path.exists()) throw UserError("--fork $path: there is no such run", ExitCode.USAGE)
      if (isRun(path)) {
        val checkpoint = newestCheckpoint(path)
        requireOwn(path, ManifestFile(RunDirectory(path)).read()?.id, checkpoint)
        return of(checkpoint, path)
      }
      if (!Checkpoint.isOne(path)) {
        throw UserError("--fork $path: neither a run nor a checkpoint of one", ExitCode.USAGE)
      }
      return of(Checkpoint.open(path), path.toRealPath().parent?.parent?.takeIf(::isRun))
    }

    private fun ofStep(run: Path, text: String): ForkParent {
      val step = text.toLongOrNull() ?: throw UserError("--fork $run@$text: $text is no step", ExitCode.USAGE)
      if (!isRun(run)) throw UserError("--fork $run@$text: $run is no run", ExitCode.USAGE)
      val all = CheckpointFolder(RunDirectory(run).checkpoints()).list().associateBy(CheckpointFolder::step)
      val there = all.keys.joinToString(", ").ifEmpty { "none" }
      val folder =
        all[step]
          ?: throw UserError("--fork $run@$text: there is no checkpoint of that step; steps: $there", ExitCode.USAGE)
      return of(Checkpoint.open(folder), run)
    }

    /** A checkpoint that lies in a run of which it is none has nothing to do with that. */
    private fun of(checkpoint: Checkpoint, around: Path?): ForkParent {
      val run = around?.takeIf { isOwn(ManifestFile(RunDirectory(it)).read()?.id, checkpoint) }
      return ForkParent(checkpoint, run)
    }
  }
}
