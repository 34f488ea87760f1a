package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.config.bind.BoundSampler
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.app.config.bind.BoundTracker
import io.github.diffusionhost.app.config.bind.DatasetChoice
import io.github.diffusionhost.app.config.bind.LENGTHS
import io.github.diffusionhost.app.config.bind.NONE
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.USE
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Entry
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.mappingOf
import io.github.diffusionhost.app.config.source.overlay
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.config.source.valueNode
import io.github.diffusionhost.app.config.source.yamlText
import io.github.diffusionhost.engine.options.SampleOptions
import io.github.diffusionhost.engine.options.TrainOptions

/**
 * A run: which providers play which role, with every option decided.
 *
 * @property name the run's folder under `runs/`
 * @property sample with the sampler's name and number of steps filled in
 * @property sampler the sampler that [sample] names, with its own options
 * @property trackers where else the run is recorded, which changes nothing in it
 * @property from the weights that it begins with; null: new ones
 */
data class RunConfig(
  val name: String,
  val seed: Long,
  val device: DeviceChoice,
  val model: BoundModel<*>,
  val scheduler: BoundScheduler<*>,
  val dataset: DatasetChoice,
  val train: TrainOptions,
  val sample: SampleOptions,
  val sampler: BoundSampler,
  val metrics: List<BoundMetric<*>>,
  val trackers: List<BoundTracker<*>> = emptyList(),
  val from: StartingWeights? = null,
) {
  /** The config with every default written out: reading it again gives an equal run. */
  fun resolved(): Mapping =
    section(
      "name" to valueNode(name, RESOLVED),
      "seed" to valueNode(seed, RESOLVED),
      "device" to valueNode(device.toString(), RESOLVED),
      "model" to use(model.provider, model.options),
      "scheduler" to use(scheduler.provider, scheduler.options),
      "dataset" to
        when (dataset) {
          is BoundDataset<*> -> use(dataset.provider, dataset.options)
          is NoDataset -> none(dataset)
        },
      "train" to length(train),
      "sample" to overlay(sampler.options.toNode(RESOLVED), sample.toNode(RESOLVED)),
      "metrics" to Sequence(metrics.map(::metric), RESOLVED),
      *tracked(),
    )

  /** [resolved] as the text of a config file. */
  fun toYaml(): String = yamlText(resolved())

  private fun use(provider: Provider<*>, options: Record, vararg more: Pair<String, ConfigNode>): Mapping {
    val use = mapOf(USE to valueNode(provider.name(), RESOLVED)) + more
    return mappingOf(RESOLVED, use + (options.toNode(RESOLVED).entries.mapValues { it.value.value } - use.keys))
  }

  private fun none(dataset: NoDataset): Mapping =
    section(
      USE to valueNode(NONE, RESOLVED),
      "shape" to valueNode(listOf(dataset.shape.channels, dataset.shape.height, dataset.shape.width), RESOLVED),
      "classes" to valueNode(dataset.classes, RESOLVED),
      "mean" to valueNode(dataset.normalization.mean, RESOLVED),
      "std" to valueNode(dataset.normalization.std, RESOLVED),
    )

  private fun metric(metric: BoundMetric<*>): Mapping =
    use(
      metric.provider,
      metric.options,
      "everyImages" to everyImages(metric.everyImages),
      "samples" to valueNode(metric.samples, RESOLVED),
      *listOfNotNull(
          metric.best?.let { "best" to valueNode(it.word, RESOLVED) },
          metric.bestValue?.let { "bestValue" to valueNode(it, RESOLVED) },
        )
        .toTypedArray(),
    )

  /** Images are what a number means there. */
  private fun everyImages(every: Cadence): ConfigNode =
    valueNode(if (every.unit() == Cadence.Unit.IMAGES) every.amount().toLong() else every, RESOLVED)

  private fun tracked(): Array<Pair<String, ConfigNode>> {
    val nodes = trackers.map { use(it.provider, it.options) }
    return if (nodes.isEmpty()) emptyArray()
    else arrayOf(TRACKER to (nodes.singleOrNull() ?: Sequence(nodes, RESOLVED)))
  }

  /** Without the two lengths that do not count: one is enough, and a person who edits it finds one. */
  private fun length(train: TrainOptions): Mapping {
    val all = train.toNode(RESOLVED)
    val one = all.without(LENGTHS.filter { all[it].isAbsent })
    return if (from == null) one else one.with(FROM, Entry(RESOLVED, from.toNode(RESOLVED)))
  }

  private fun section(vararg values: Pair<String, ConfigNode>) = mappingOf(RESOLVED, mapOf(*values))

  private companion object {
    val RESOLVED = Location.BuiltIn("the resolved config")
  }
}
