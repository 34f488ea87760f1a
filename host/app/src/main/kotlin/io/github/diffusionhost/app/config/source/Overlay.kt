package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Entry
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence

/** A value for a place in a section; the empty path is the section itself. */
internal data class Change(val path: List<String>, val value: ConfigNode) {
  /** What this says about a key of the section; null if nothing. */
  fun given(key: String): ConfigNode? =
    when {
      path == listOf(key) -> value
      path.isEmpty() && value is Mapping -> value[key]
      else -> null
    }

  fun without(keys: Collection<String>): Change? =
    when {
      path.isEmpty() && value is Mapping -> Change(path, value.without(keys))
      path.size == 1 && path.single() in keys -> null
      else -> this
    }
}

/** What one source says about a section: a file, the command line, a preset. */
internal data class Layer(val changes: List<Change>) {
  /** The last word on a key; null if there is none. */
  fun given(key: String): ConfigNode? = changes.asReversed().firstNotNullOfOrNull { it.given(key) }

  /** The keys that are given something, in their order. */
  fun keys(): List<String> =
    changes
      .flatMap { change ->
        val first = change.path.firstOrNull()
        if (first != null) listOf(first) else (change.value as? Mapping)?.entries?.keys.orEmpty()
      }
      .filterNot { given(it).isAbsent }
      .distinct()

  fun without(keys: Collection<String>) = Layer(changes.mapNotNull { it.without(keys) })
}

/** [strong] over [weak]: mappings key by key, everything else as a whole. */
internal fun overlay(weak: ConfigNode?, strong: ConfigNode): ConfigNode {
  if (weak !is Mapping || strong !is Mapping) return strong
  val entries = LinkedHashMap(weak.entries)
  for ((key, entry) in strong.entries) {
    entries[key] = Entry(entry.key, overlay(weak[key], entry.value))
  }
  return Mapping(entries, strong.location)
}

/** [node] with every change of [layer]; what does not fit goes to [errors]. */
internal fun <N : ConfigNode> apply(node: N, layer: Layer, section: String, errors: ConfigErrors): ConfigNode =
  layer.changes.fold(node as ConfigNode) { before, change -> put(before, change, section, errors) }

/** [node] with one value changed. An index must name an element that is there. */
internal fun put(node: ConfigNode?, change: Change, at: String, errors: ConfigErrors): ConfigNode {
  val key = change.path.firstOrNull() ?: return overlay(node, change.value)
  val rest = Change(change.path.drop(1), change.value)
  val location = change.value.location
  if (node is Sequence) {
    val index = key.toIntOrNull()?.takeIf { it in node.elements.indices }
    if (index == null) {
      val allowed = "elements: ${node.elements.indices.joinToString(", ").ifEmpty { "none" }}"
      errors.add(location, at, "a list, which has no element ${printable(key)}", allowed = allowed)
      return node
    }
    val element = put(node.elements[index], rest, "$at.$index", errors)
    return node.copy(elements = node.elements.toMutableList().also { it[index] = element })
  }
  if (!node.isAbsent && node !is Mapping) {
    errors.add(location, at, "${node?.found()} has no key ${printable(key)}")
    return node!!
  }
  val mapping = node as? Mapping ?: Mapping(emptyMap(), location)
  return mapping.with(key, Entry(location, put(mapping[key], rest, "$at.$key", errors)))
}
