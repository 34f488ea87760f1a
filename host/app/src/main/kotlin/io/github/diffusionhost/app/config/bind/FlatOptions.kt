package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.inline

/** Every option by its dotted key; a list without mappings is one value. */
internal fun flat(node: ConfigNode, path: String = ""): Map<String, String> {
  fun below(key: String) = if (path.isEmpty()) key else "$path.$key"
  return when {
    node is Mapping && node.entries.isNotEmpty() ->
      node.entries.entries.fold(emptyMap()) { all, (key, entry) -> all + flat(entry.value, below(key)) }
    node is Sequence && node.elements.any { it is Mapping } ->
      node.elements.foldIndexed(emptyMap()) { i, all, element -> all + flat(element, below("$i")) }
    else -> mapOf(path to inline(node))
  }
}
