package io.github.diffusionhost.app.train

import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundDataset

/**
 * What may change when a run is gone on with: the list that `docs/guides/RUNS.md` explains. All else decides what is
 * trained on what in which order, or what the numbers of a checkpoint mean; with another value it is another run, which
 * is a fork.
 */
internal object ResumableOptions {
  /** Options and whole sections by their keys. */
  val KEYS =
    listOf(
      "name",
      "device",
      "train.epochs",
      "train.images",
      "train.steps",
      "train.microBatchSize",
      "train.precision",
      "train.matmul",
      "train.compile",
      "train.optimizer.lr",
      "train.optimizer.weightDecay",
      "train.lrSchedule",
      "train.clipNorm",
      "train.logEvery",
      "train.sampleEvery",
      "train.checkpointEvery",
      "train.keepLast",
      "train.keepBest",
      "train.emaSnapshotEvery",
      "sample",
      "metrics",
      "tracker",
    )

  /**
   * Whether an option may change in a run of [config]; where a dataset's files lie may, for its content is compared.
   */
  fun mayChange(key: String, config: RunConfig): Boolean =
    (KEYS + places(config)).any { key == it || key.startsWith("$it.") }

  private fun places(config: RunConfig): List<String> {
    val options = (config.dataset as? BoundDataset<*>)?.options ?: return emptyList()
    return OptionsSpec.of(options).options().filter { it.type() is OptionType.File }.map { "dataset.${it.name()}" }
  }
}
