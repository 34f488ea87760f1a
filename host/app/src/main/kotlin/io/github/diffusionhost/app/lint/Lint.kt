package io.github.diffusionhost.app.lint

import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.app.config.bind.schedulerOf
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.app.run.HostDatasetContext
import io.github.diffusionhost.app.words.UserError
import java.io.IOException
import java.nio.file.Path

/** Compares configs with recipes. */
class Lint(private val dataFolder: Path) {
  /** Every departure of [config] from [recipe] that is known to matter, in the recipe's order. */
  fun findings(config: RunConfig, recipe: Recipe): List<Finding> {
    val scheduler = schedulerOf(config.scheduler, (config.dataset as? NoDataset)?.shape)
    val subject = Subject(config, scheduler, normalization(config))
    return inPluginOf(scheduler) { recipe.rules.mapNotNull { it.check(subject) } }
  }

  private fun normalization(config: RunConfig): PixelNormalization? =
    when (val dataset = config.dataset) {
      is NoDataset -> dataset.normalization
      is BoundDataset<*> -> fromOptions(config) ?: opened(dataset, config.seed)
    }

  private fun fromOptions(config: RunConfig): PixelNormalization? {
    val mean = config.option("dataset.mean").real() ?: return null
    val std = config.option("dataset.std").real() ?: return null
    return PixelNormalization(mean.toFloat(), std.toFloat())
  }

  /** What a dataset says that has no such options; null if its files are not there, for a lint downloads nothing. */
  private fun opened(dataset: BoundDataset<*>, seed: Long): PixelNormalization? =
    try {
      val context = HostDatasetContext(dataFolder, Split.TRAIN, seed) { throw IOException("not downloaded") }
      dataset.open(context).use { inPluginOf(it) { it.normalization() } }
    } catch (_: IOException) {
      null // a run says what is missing
    } catch (_: UserError) {
      null // a run says what is wrong with them
    }
}
