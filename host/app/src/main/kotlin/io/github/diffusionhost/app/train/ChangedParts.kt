package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.OptionChange
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.count
import java.nio.file.Path

/** Compares what a run is made from now with what it was made from before. */
internal object ChangedParts {
  /**
   * What differs and may make results differ from those of a run that was left alone.
   *
   * @param options what was changed by its config: a part that is new or gone because of that is not named
   */
  fun between(before: Manifest, now: Manifest, options: List<OptionChange>): List<OptionChange> =
    plugins(before.plugins, now.plugins, options) +
      listOf(
          OptionChange("device in use", before.device, now.device),
          OptionChange("PyTorch", before.pytorch, now.pytorch),
          OptionChange("Diffusion Host", before.host, now.host),
        )
        .filter { it.from != it.to }

  /** Other images than before; null if they are the same. */
  fun dataset(before: Manifest, now: Manifest): OptionChange? =
    OptionChange("images of the dataset", text(before.dataset), text(now.dataset)).takeIf { it.from != it.to }

  /**
   * A run keeps its images.
   *
   * @throws UserError if they are others
   */
  fun requireSameImages(root: Path, before: Manifest, now: Manifest) {
    val change = dataset(before, now) ?: return
    throw UserError(
      "$root was trained on other images than the dataset has now: ${change.from}; now ${change.to}. Bring those back, " +
        "or train on these in a new run with the state of this one: host run --fork $root",
      ExitCode.USAGE,
    )
  }

  private fun plugins(
    before: List<Manifest.PluginEntry>,
    now: List<Manifest.PluginEntry>,
    options: List<OptionChange>,
  ): List<OptionChange> {
    val old = before.associateBy { it.id }
    val new = now.associateBy { it.id }
    val asked = options.any { it.key.startsWith("metrics.") || it.key.startsWith("tracker.") }
    val ids = if (asked) old.keys.intersect(new.keys) else old.keys + new.keys
    return ids
      .filter { old[it]?.sha256 != new[it]?.sha256 }
      .map { OptionChange("plugin $it", old[it]?.let(::text), new[it]?.let(::text)) }
  }

  private fun text(plugin: Manifest.PluginEntry) = "${plugin.version} (sha256 ${plugin.sha256.take(DIGITS)}…)"

  private fun text(dataset: Manifest.DatasetEntry) =
    "${count(dataset.images.toLong())} of ${dataset.shape.joinToString("x")}, sha256 ${dataset.sha256.take(DIGITS)}…"

  private const val DIGITS = 12
}
