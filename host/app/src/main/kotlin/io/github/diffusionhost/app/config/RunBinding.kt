package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.DatasetProvider
import io.github.diffusionhost.api.MetricProvider
import io.github.diffusionhost.api.ModelProvider
import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.SchedulerProvider
import io.github.diffusionhost.api.TrackerProvider
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.app.config.bind.Best
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.app.config.bind.BoundTracker
import io.github.diffusionhost.app.config.bind.ConfigSources
import io.github.diffusionhost.app.config.bind.DatasetChoice
import io.github.diffusionhost.app.config.bind.GENERAL
import io.github.diffusionhost.app.config.bind.LENGTHS
import io.github.diffusionhost.app.config.bind.METRIC
import io.github.diffusionhost.app.config.bind.NONE
import io.github.diffusionhost.app.config.bind.NO_DATASET
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.app.config.bind.OptionBinder
import io.github.diffusionhost.app.config.bind.PRESET
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.bind.ProviderSection
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.TRAIN
import io.github.diffusionhost.app.config.bind.USE
import io.github.diffusionhost.app.config.bind.names
import io.github.diffusionhost.app.config.source.Change
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.Layer
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.found
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.mappingOf
import io.github.diffusionhost.app.config.source.overlay
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.config.source.put
import io.github.diffusionhost.app.config.source.readValue
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.config.source.valueNode
import io.github.diffusionhost.app.config.source.words
import io.github.diffusionhost.app.plugins.KnownProvider
import io.github.diffusionhost.app.plugins.inPluginOf
import io.github.diffusionhost.engine.options.TrainOptions

private val NAME = Regex("[\\p{L}\\p{N}_][\\p{L}\\p{N}._-]{0,99}")

/** Binds the sections of a run to options; null parts have an error noted. */
internal class RunBinding(
  private val sources: ConfigSources,
  private val registry: ProviderRegistry,
  private val errors: ConfigErrors,
) {
  private val binder = OptionBinder(errors)

  fun bind(): RunConfig? {
    val general = sources.general()
    val values = binder.values(GENERAL, general, "")
    val model = model()
    val scheduler = scheduler()
    val dataset = dataset()
    val training = sources.section("train")
    val train = train(model?.provider, training.map(::withoutFrom))
    val from = FromSection(binder, errors).bind(training, sources.place("train"))
    val shape = (dataset as? NoDataset)?.shape
    val sampling = SampleSection(sources, binder, errors).bind(scheduler, shape)
    val metrics = metrics()
    val trackers = trackers()
    val name = name(text(general, "name"), general, listOf(model?.provider, scheduler?.provider), dataset)
    val device = device(text(general, "device") ?: "auto", general)
    if (model == null || scheduler == null || dataset == null || train == null) return null
    if (sampling == null || name == null || device == null || values == null) return null
    val seed = values["seed"] as Number? ?: 0L
    return RunConfig(
      name,
      seed.toLong(),
      device,
      model,
      scheduler,
      dataset,
      train,
      sampling.first,
      sampling.second,
      metrics,
      trackers,
      from,
    )
  }

  /** The parts that images are evaluated with. */
  fun bindImages(): ImagesConfig? {
    val general = sources.general()
    val values = binder.values(GENERAL, general, "")
    val dataset = if (sources.has(ProviderKind.DATASET)) dataset() else null
    val metrics = metrics()
    val device = device(text(general, "device") ?: "auto", general)
    if (values == null || device == null) return null
    return ImagesConfig((values["seed"] as Number? ?: 0L).toLong(), device, dataset, metrics)
  }

  private fun model(): BoundModel<*>? {
    val section = role(ProviderKind.MODEL) ?: return null
    return section.provider()?.let { bindModel(section, it) }
  }

  private fun <O : Record> bindModel(section: ProviderSection, known: KnownProvider<O>) =
    options(section, known)?.let { BoundModel(known.provider as ModelProvider<O>, it) }

  private fun scheduler(): BoundScheduler<*>? {
    val section = role(ProviderKind.SCHEDULER) ?: return null
    return section.provider()?.let { bindScheduler(section, it) }
  }

  private fun <O : Record> bindScheduler(section: ProviderSection, known: KnownProvider<O>) =
    options(section, known)?.let { BoundScheduler(known.provider as SchedulerProvider<O>, it) }

  private fun dataset(): DatasetChoice? {
    val section = role(ProviderKind.DATASET) ?: return null
    if (section.use?.text == NONE) return noDataset(section)
    return section.provider()?.let { bindDataset(section, it) }
  }

  private fun <O : Record> bindDataset(section: ProviderSection, known: KnownProvider<O>) =
    options(section, known)?.let { BoundDataset(known.provider as DatasetProvider<O>, it) }

  private fun noDataset(section: ProviderSection): NoDataset? {
    val node = section.words() ?: return null
    val values = binder.values(NO_DATASET, node, section.path, listOf(USE)) ?: return null
    val sizes = (values["shape"] as List<*>?)?.map { (it as Number).toInt() }
    if (sizes?.size != 3) {
      val place = node["shape"]?.location ?: section.key
      errors.add(place, "dataset.shape", "`use: none` needs the size of an image: shape: [channels, rows, columns]")
      return null
    }
    val classes = values["classes"] as Number? ?: 0
    val mean = values["mean"] as Number? ?: PixelNormalization.SIGNED.mean
    val std = values["std"] as Number? ?: PixelNormalization.SIGNED.std
    val normalization = PixelNormalization(mean.toFloat(), std.toFloat())
    return NoDataset(ImageShape(sizes[0], sizes[1], sizes[2]), classes.toInt(), normalization)
  }

  private fun metrics(): List<BoundMetric<*>> {
    var bestBefore: String? = null
    return sources.metrics().elements.mapIndexedNotNull { i, node ->
      val path = "metrics.$i"
      if (node is Mapping) {
        val layers = listOf(Layer(listOf(Change(emptyList(), node))))
        val section = ProviderSection(ProviderKind.METRIC, path, layers, node.location, registry, errors)
        section
          .provider()
          ?.let { bindMetric(section, it) }
          ?.also { metric ->
            val other = bestBefore
            if (metric.best != null && other != null) {
              val place = node["best"]?.location ?: node.location
              errors.add(place, "$path.best", "one metric says which checkpoint is best, and $other does already")
            }
            if (metric.best != null) bestBefore = metric.provider.name()
          }
      } else {
        errors.add(node.location, path, "${node.found()} is not a metric; write `- use: …`")
        null
      }
    }
  }

  private fun <O : Record> bindMetric(section: ProviderSection, known: KnownProvider<O>): BoundMetric<O>? {
    val node = section.options(known) ?: return null
    val keys = METRIC.names()
    val own = binder.values(METRIC, node.only(keys), section.path)
    val options =
      binder.record(known.options, node.without(keys), section.path, section.key, listOf(USE, PRESET) + keys)
    if (own == null || options == null) return null
    val everyImages = own["everyImages"] as Cadence? ?: Cadence.images(0)
    val samples = own["samples"] as Number? ?: 10_000
    val best = Best.entries.find { it.word == own["best"] }
    val bestValue = own["bestValue"] as String?
    if (best == null && bestValue != null) {
      val place = node["bestValue"]?.location ?: section.key
      errors.add(place, "${section.path}.bestValue", "it is for `best`, which is not given: least or greatest")
      return null
    }
    return BoundMetric(known.provider as MetricProvider<O>, everyImages, samples.toInt(), options, best, bestValue)
  }

  private fun trackers(): List<BoundTracker<*>> {
    val nodes = sources.trackers().elements
    val bound = nodes.mapIndexedNotNull { i, node ->
      val path = if (nodes.size == 1) TRACKER else "$TRACKER.$i"
      if (node is Mapping) {
        val layers = listOf(Layer(listOf(Change(emptyList(), node))))
        val section = ProviderSection(ProviderKind.TRACKER, path, layers, node.location, registry, errors)
        section.provider()?.let { bindTracker(section, it) }
      } else {
        errors.add(node.location, path, "${node.found()} is not a tracker; write its name, or `use: …` and its options")
        null
      }
    }
    for ((name, same) in bound.groupBy { it.provider.name() }) {
      if (same.size > 1) errors.add(sources.place(TRACKER), TRACKER, "$name is there twice, and a run takes each once")
    }
    return bound
  }

  private fun <O : Record> bindTracker(section: ProviderSection, known: KnownProvider<O>) =
    options(section, known)?.let { BoundTracker(known.provider as TrackerProvider<O>, it) }

  private fun train(model: ModelProvider<*>?, written: List<Layer>): TrainOptions? {
    val defaults = TrainOptions.DEFAULTS.toNode(Location.BuiltIn("defaults"))
    val layers = listOfNotNull(model?.let { recommended(it) }) + written
    val node = layers.fold(defaults as ConfigNode) { weak, layer -> withLength(weak, layer) } as? Mapping ?: return null
    return binder.record(TRAIN, node, "train", sources.place("train"), listOf(FROM))
  }

  /** Puts a layer over a training; the length that it gives replaces the weaker one's. */
  private fun withLength(weak: ConfigNode, layer: Layer): ConfigNode =
    layer.changes.fold(weak) { node, change ->
      val given = lengths(change)
      if (given.size > 1) {
        val place = (change.value as Mapping).entries.getValue(given[1]).key
        errors.add(place, "train.${given[1]}", "a training has one length, and ${given[0]} gives it already")
      }
      val start = if (given.isEmpty() || node !is Mapping) node else overlay(node, nothing(LENGTHS, node.location))
      change.without(given.drop(1))?.let { put(start, it, "train", errors) } ?: start
    }

  /** The lengths that a change gives, in the order they were written. */
  private fun lengths(change: Change): List<String> {
    val given = LENGTHS.filter { !change.given(it).isAbsent }
    val written = (change.value as? Mapping)?.entries?.keys?.toList().orEmpty()
    return given.sortedBy(written::indexOf)
  }

  private fun nothing(keys: List<String>, location: Location) =
    mappingOf(location, keys.associateWith { valueNode(null, location) })

  private fun recommended(model: ModelProvider<*>): Layer {
    val place = Location.BuiltIn("the training that ${model.name()} recommends")
    val settings = inPluginOf(model) { model.recommendedTraining() }
    return Layer(
      settings.mapNotNull { (key, text) -> readValue(text, place, errors)?.let { Change(key.split('.'), it) } }
    )
  }

  private fun role(kind: ProviderKind): ProviderSection? {
    val path = kind.label()
    val layers = sources.role(kind)
    if (!sources.has(kind)) {
      val installed = registry.names(kind).joinToString(", ").ifEmpty { "none" }
      val problem = "missing; add `$path: {use: …}` to the config or name one in --plugins"
      errors.add(sources.place(path), path, problem, allowed = "installed: $installed")
    }
    return if (layers.isEmpty()) null else ProviderSection(kind, path, layers, sources.place(path), registry, errors)
  }

  private fun <O : Record> options(section: ProviderSection, known: KnownProvider<O>): O? {
    val node = section.options(known) ?: return null
    return binder.record(known.options, node, section.path, section.key, listOf(USE, PRESET))
  }

  private fun text(general: Mapping, key: String) = general[key]?.takeUnless { it.isAbsent }?.words

  private fun name(given: String?, general: Mapping, providers: List<Provider<*>?>, dataset: DatasetChoice?): String? {
    if (given != null && !NAME.matches(given)) {
      val place = general["name"]?.location ?: sources.place("name")
      errors.add(place, "name", "'${printable(given)}' cannot name a folder; use letters, digits, dots, dashes")
      return null
    }
    val used = providers + (dataset as? BoundDataset<*>)?.provider
    return given ?: used.filterNotNull().joinToString("-") { it.name() }
  }

  private fun device(text: String, general: Mapping): DeviceChoice? =
    DeviceChoice.parse(text).also {
      if (it == null) {
        val place = general["device"]?.location ?: sources.place("device")
        errors.add(place, "device", "'${printable(text)}' is not auto, cpu, gpu or gpu:N")
      }
    }
}
