package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.app.config.source.Change
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Entry
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.Layer
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.Setting
import io.github.diffusionhost.app.config.source.apply
import io.github.diffusionhost.app.config.source.found
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.nearest

/** Everything a person wrote about a run, section by section. */
internal class ConfigSources(
  private val file: Mapping?,
  private val named: NamedProviders,
  private val settings: List<Setting>,
  private val errors: ConfigErrors,
) {
  init {
    settings.forEach { checkKey(it.path[0], it.value.location) }
    // A section as a whole is YAML whatever it holds.
    settings
      .filter { it.path.singleOrNull() in SECTIONS }
      .flatMap { it.value.typed?.faults.orEmpty() }
      .forEach(errors::add)
    file?.entries?.forEach { (key, entry) -> checkKey(key, entry.key) }
  }

  /** The keys beside the sections. */
  fun general(): Mapping {
    val start: ConfigNode = file ?: Mapping(emptyMap(), named.location)
    val changes = settings.filter { it.path[0] in GENERAL.names() }.map { Change(it.path, it.value) }
    return (apply(start, Layer(changes), "", errors) as Mapping).only(GENERAL.names())
  }

  /** The layers of a section that is a mapping, without built-in ones. */
  fun section(name: String): List<Layer> = listOfNotNull(fileLayer(name), settingsLayer(name))

  /** The layers of a section that names a provider. */
  fun role(kind: ProviderKind): List<Layer> {
    val chosen = named.use(kind)?.let { Layer(listOf(Change(listOf(USE), it))) }
    return listOfNotNull(fileLayer(kind.label()), chosen, settingsLayer(kind.label()))
  }

  /** The list of metrics. */
  fun metrics(): Sequence {
    val written = file?.get("metrics")
    if (written != null && written !is Sequence) {
      errors.add(written.location, "metrics", "${written.found()} is not a list, each element `use: …`")
    }
    val given = written as? Sequence ?: Sequence(emptyList(), named.location)
    val used = given.elements.mapNotNull(::useOf)
    val added = named.metrics().filter { it.text !in used }.map(::using)
    val all = given.copy(elements = given.elements + added)
    val settings = settingsLayer("metrics")?.changes.orEmpty().mapNotNull { byNumber(it, all) }
    val changed = apply(all, Layer(settings), "metrics", errors)
    if (changed !is Sequence) errors.add(changed.location, "metrics", "${changed.found()} is not a list")
    return changed as? Sequence ?: all
  }

  /** The trackers; a name alone stands for `use: NAME`. */
  fun trackers(): Sequence {
    val own = settings.filter { it.path[0] == TRACKER }
    val whole = own.lastOrNull { it.path.size == 1 }?.value ?: file?.get(TRACKER)
    val written = listOfTrackers(whole)
    val used = written.elements.map(::useOf)
    val named = named.trackers().filter { it.text !in used }.map(::using)
    val all = written.copy(elements = written.elements + named)
    val changes = own.filter { it.path.size > 1 }.map { Change(it.path.drop(1), it.value) }
    val start = if (all.elements.isEmpty() && changes.isNotEmpty()) all.copy(elements = listOf(nothing())) else all
    return apply(start, Layer(changes.map { ofTracker(it, start) }), TRACKER, errors) as? Sequence ?: start
  }

  private fun listOfTrackers(written: ConfigNode?): Sequence =
    when {
      written == null || written.isAbsent -> Sequence(emptyList(), named.location)
      written is Sequence -> written.copy(elements = written.elements.map { if (it is Scalar) using(it) else it })
      else -> Sequence(listOf(if (written is Scalar) using(written) else written), written.location)
    }

  /** `tracker.uri` means the only tracker, `tracker.mlflow.uri` the one that uses mlflow, `tracker.0.uri` the first. */
  private fun ofTracker(change: Change, trackers: Sequence): Change {
    val uses = trackers.elements.map(::useOf)
    val first = change.path.first()
    return when {
      first in uses -> change.copy(path = listOf("${uses.indexOf(first)}") + change.path.drop(1))
      first.toIntOrNull() == null && uses.size == 1 -> change.copy(path = listOf("0") + change.path)
      else -> change
    }
  }

  private fun using(name: Scalar) = Mapping(mapOf(USE to Entry(name.location, name)), name.location)

  private fun nothing() = Mapping(emptyMap(), named.location)

  /** `metrics.fid.samples` means the metric that uses fid, as `metrics.0.samples` means the first; null: an error. */
  private fun byNumber(change: Change, metrics: Sequence): Change? {
    val name = change.path.firstOrNull()?.takeIf { it.toIntOrNull() == null } ?: return change
    val uses = metrics.elements.map(::useOf)
    val numbers = uses.indices.filter { uses[it] == name }
    if (numbers.size == 1) return change.copy(path = listOf("${numbers[0]}") + change.path.drop(1))
    val problem =
      if (numbers.isEmpty()) "no metric of this config uses ${printable(name)}"
      else "metrics ${numbers.joinToString(" and ")} both use $name: write the number of one"
    val suggestion = nearest(name, uses.filterNotNull()).takeIf { numbers.isEmpty() }
    val allowed = "metrics: ${uses.filterNotNull().joinToString(", ").ifEmpty { "none" }}"
    errors.add(change.value.location, "metrics", problem, suggestion, allowed)
    return null
  }

  private fun useOf(metric: ConfigNode): String? = ((metric as? Mapping)?.get(USE) as? Scalar)?.text

  /** Where a section begins; where it would, if nobody wrote it. */
  fun place(section: String): Location =
    file?.entries?.get(section)?.key
      ?: settings.find { it.path[0] == section }?.value?.location
      ?: ProviderKind.values().find { it.label() == section }?.let { named.use(it)?.location }
      ?: start

  /** Whether anybody wrote something about a role. */
  fun has(kind: ProviderKind): Boolean =
    file?.get(kind.label()) != null || settings.any { it.path[0] == kind.label() } || named.use(kind) != null

  private val start: Location
    get() = file?.location ?: if (named.isEmpty) Location.BuiltIn("the config") else named.location

  private fun fileLayer(name: String): Layer? {
    val section = file?.get(name) ?: return null
    if (section !is Mapping) {
      val hint = if (name in ROLES) "write `$name: {use: …}`" else "write its options below it, or leave the key out"
      errors.add(section.location, name, "${section.found()} is not a section; $hint")
      return null
    }
    return Layer(listOf(Change(emptyList(), section)))
  }

  private fun settingsLayer(name: String): Layer? {
    val changes = settings.filter { it.path[0] == name }.map { Change(it.path.drop(1), it.value) }
    for (change in changes) {
      if (change.path.isEmpty() && change.value !is Mapping && name != "metrics") {
        errors.add(change.value.location, name, "${change.value.found()} is not a section; set one of its keys")
      }
    }
    return Layer(changes.filter { it.path.isNotEmpty() || it.value !is Mapping == (name == "metrics") }).takeIf {
      it.changes.isNotEmpty()
    }
  }

  private fun checkKey(key: String, location: Location) {
    val known = GENERAL.names() + SECTIONS
    if (key in known) return
    val suggestion =
      nearest(key, known) ?: pathTo(key, "train", TRAIN.options()) ?: pathTo(key, "sample", SAMPLE.options())
    errors.add(location, printable(key), "unknown key", suggestion, "allowed: ${known.joinToString(", ")}")
  }
}

/** The way to an option that somebody wrote outside its section. */
private fun pathTo(key: String, section: String, options: List<OptionSpec>): String? =
  (options.find { it.name() == key }?.name() ?: options.firstNotNullOfOrNull { inside(it, key) })?.let {
    "$section.$it"
  }
