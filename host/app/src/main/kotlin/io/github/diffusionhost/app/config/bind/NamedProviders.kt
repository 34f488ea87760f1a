package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.plugins.KnownProvider
import io.github.diffusionhost.app.words.nearest

/** The providers of `--plugins a,b,c` by role; the roles follow from their kinds. */
internal class NamedProviders(names: List<String>, registry: ProviderRegistry, errors: ConfigErrors) {
  val location = Location.CommandLine("--plugins ${names.joinToString(",", transform = ::printable)}")

  private val providers: List<KnownProvider<*>> =
    names.distinct().mapNotNull { name ->
      val all = registry.all().map { it.name }.sorted()
      val allowed = "installed: ${all.joinToString(", ").ifEmpty { "none" }}"
      registry.find(name).also {
        if (it == null) {
          errors.add(location, "", "no provider named '${printable(name)}' is installed", nearest(name, all), allowed)
        }
      }
    }

  init {
    for ((kind, same) in providers.groupBy { it.kind }) {
      if (kind !in MANY && same.size > 1) {
        val both = same.joinToString(" and ") { it.name }
        val allowed = "installed: ${registry.names(kind).joinToString(", ")}"
        errors.add(location, "", "$both are each a ${kind.label()}, and a run takes one", allowed = allowed)
      }
    }
  }

  val isEmpty = names.isEmpty()

  /** The name for a role, where it was given. */
  fun use(kind: ProviderKind): Scalar? = providers.find { it.kind == kind }?.let { Scalar(it.name, true, location) }

  /** The names of all metrics. */
  fun metrics(): List<Scalar> = all(ProviderKind.METRIC)

  /** The names of all trackers. */
  fun trackers(): List<Scalar> = all(ProviderKind.TRACKER)

  private fun all(kind: ProviderKind) = providers.filter { it.kind == kind }.map { Scalar(it.name, true, location) }

  private companion object {
    /** Kinds of which a run takes more than one. */
    val MANY = setOf(ProviderKind.METRIC, ProviderKind.TRACKER)
  }
}
