package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.engine.checkpoint.Checkpoint

/**
 * How a training begins.
 *
 * @property checkpoint what it goes on from; null: step 0
 * @property manifest what that was made from; null: nothing, or not known
 * @property changes the options that are not as they were there
 */
internal sealed class Beginning(
  val checkpoint: Checkpoint?,
  val manifest: Manifest?,
  val changes: List<OptionChange>,
) {
  /** The steps that are done. */
  val done: Long
    get() = checkpoint?.state()?.step() ?: 0

  /** A new run. */
  object New : Beginning(null, null, emptyList())

  /** A run goes on. */
  class Resumed(val run: ResumableRun, changes: List<OptionChange>) : Beginning(run.checkpoint, run.manifest, changes)

  /** A new run with the state of another one. */
  class Forked(val parent: Manifest.Parent, checkpoint: Checkpoint, manifest: Manifest?, changes: List<OptionChange>) :
    Beginning(checkpoint, manifest, changes)
}
