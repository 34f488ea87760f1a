package io.github.diffusionhost.app.sample

import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.contract.CheckedLevels
import io.github.diffusionhost.engine.data.ImageSpec

/** What a checkpoint says of its network, as far as a guide must agree with it. */
class GuideFit(private val config: RunConfig, private val images: ImageSpec) {
  /**
   * Checks that [guide] can guide this in sampling.
   *
   * @throws UserError that names every difference
   */
  fun require(guide: GuideFit, name: String) {
    val differences =
      listOfNotNull(
        difference("images of", "${images.shape}", "${guide.images.shape}"),
        difference("a number of labels of", "${images.classes}", "${guide.images.classes}"),
        difference("pixels of", pixels(images), pixels(guide.images)),
        difference("scheduler", config.scheduler.provider.name(), guide.config.scheduler.provider.name()),
      )
    if (differences.isNotEmpty()) throw misfit(name, differences)
  }

  /**
   * Checks that both networks are asked the same question at every level of a sampling. Options of a scheduler that
   * only matter to training may differ.
   */
  fun requireSameProcess(own: Scheduler, other: Scheduler, steps: Int, name: String) {
    val ours = CheckedLevels(own)
    val theirs = CheckedLevels(other)
    val same =
      own.condition() == other.condition() &&
        ours.samplingLevels(steps).all {
          ours.at(it) == theirs.at(it) && ours.conditionAt(it) == theirs.conditionAt(it)
        }
    if (!same) {
      val process = config.scheduler.provider.name()
      throw misfit(name, listOf("its $process has other options, so that the networks predict different things"))
    }
  }

  private fun pixels(images: ImageSpec) = images.normalization.let { "mean ${it.mean()} and std ${it.std()}" }

  private fun difference(what: String, own: String, other: String): String? =
    if (own == other) null else "it has $what $other and not $own"

  private fun misfit(name: String, differences: List<String>) =
    UserError(
      "--guide $name cannot guide this checkpoint: ${differences.joinToString("; ")}. " +
        "A guide is a smaller or less trained network of the same images, labels and noise process",
      ExitCode.USAGE,
    )
}
