package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.Layer
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.apply
import io.github.diffusionhost.app.config.source.found
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.config.source.toNode
import io.github.diffusionhost.app.plugins.KnownProvider
import io.github.diffusionhost.app.words.nearest
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/**
 * A section that names a provider, read from its layers.
 *
 * @property key where the section was written
 */
internal class ProviderSection(
  val kind: ProviderKind,
  val path: String,
  private val layers: List<Layer>,
  val key: Location,
  private val registry: ProviderRegistry,
  private val errors: ConfigErrors,
) {
  /** The name of the strongest layer that gives one, as it was written. */
  val use: Scalar? = layers.asReversed().firstNotNullOfOrNull { it.given(USE) as? Scalar }

  /** Finds the provider; what is wrong is noted. */
  fun provider(): KnownProvider<*>? {
    val given = layers.asReversed().firstNotNullOfOrNull { it.given(USE) }
    if (given == null || given.isAbsent) {
      errors.add(given?.location ?: key, path, "does not say which: add `use: …`", allowed = available())
      return null
    }
    if (given !is Scalar) {
      errors.add(given.location, join(path, USE), "${given.found()} is not a provider's name", allowed = available())
      return null
    }
    val provider = registry.find(given.text)
    if (provider == null || provider.kind != kind) {
      val problem =
        if (provider == null) "no ${kind.label()} named ${given.found()} is installed"
        else "${provider.name} is a ${provider.kind.label()}, not a ${kind.label()}"
      errors.add(given.location, join(path, USE), problem, nearest(given.text, choices()), available())
      return null
    }
    return provider
  }

  /**
   * The provider's options as one mapping, weak to strong: defaults, then for each layer its preset and its own words.
   * A layer that changes to another provider starts anew, for the options before it are not this provider's.
   */
  fun options(provider: KnownProvider<*>): Mapping? {
    val presets = provider.presets.mapValues { it.value.toNode(Location.BuiltIn("preset ${it.key}")) }
    var node: ConfigNode = provider.defaults.toNode(Location.BuiltIn("${provider.name}'s defaults"))
    val first = firstOf(provider.name)
    warnOfDropped(layers.take(first), provider.name)
    for (layer in layers.drop(first)) {
      val preset = layer.given(PRESET)
      if (!preset.isAbsent) {
        node = presets[(preset as? Scalar)?.text] ?: node.also { unknownPreset(preset!!, provider, presets.keys) }
      }
      node = apply(node, layer.without(listOf(USE, PRESET)), path, errors)
    }
    if (node !is Mapping) errors.add(node.location, path, "${node.found()} is not a mapping; write `$path: {use: …}`")
    return node as? Mapping
  }

  /** The keys of the section without defaults, where there is no provider: `use: none`. */
  fun words(): Mapping? {
    val name = use?.text ?: return null
    val empty: ConfigNode = Mapping(emptyMap(), key)
    val first = firstOf(name)
    warnOfDropped(layers.take(first), name)
    val kept = layers.drop(first).map { it.without(listOf(USE)) }
    return kept.fold(empty) { node, layer -> apply(node, layer, path, errors) } as? Mapping
  }

  private fun warnOfDropped(former: List<Layer>, now: String) {
    val dropped = former.flatMap { it.keys() - USE }.distinct()
    if (dropped.isEmpty()) return
    val before = former.firstNotNullOfOrNull { it.given(USE) as? Scalar }?.text ?: "another ${kind.label()}"
    LOG.warn(
      "{} is {} and not {} any more, whose options are dropped: {}",
      path,
      printable(now),
      printable(before),
      dropped.joinToString(", ") { join(path, printable(it)) },
    )
  }

  /** The first layer whose options are the final provider's. */
  private fun firstOf(name: String): Int {
    var current: String? = null
    var first = 0
    layers.forEachIndexed { i, layer ->
      val use = (layer.given(USE) as? Scalar)?.text ?: return@forEachIndexed
      if (current != null && use != current) first = i
      current = use
    }
    check(current == name)
    return first
  }

  private fun unknownPreset(preset: ConfigNode, provider: KnownProvider<*>, presets: Set<String>) {
    val suggestion = (preset as? Scalar)?.let { nearest(it.text, presets) }
    val allowed = "presets: ${presets.joinToString(", ").ifEmpty { "none" }}"
    errors.add(
      preset.location,
      join(path, PRESET),
      "${provider.name} has no preset ${preset.found()}",
      suggestion,
      allowed,
    )
  }

  private companion object {
    val LOG: Logger = LoggerFactory.getLogger(ProviderSection::class.java)
  }

  private fun choices() = registry.names(kind) + if (kind == ProviderKind.DATASET) listOf(NONE) else emptyList()

  private fun available() = "installed: ${choices().joinToString(", ").ifEmpty { "none" }}"
}
