package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import java.util.Locale

private val PLAIN = Regex("[A-Za-z/][A-Za-z0-9_./+-]*")
private val SPECIAL = setOf("null", "true", "false", "yes", "no", "on", "off", "y", "n")

/** A config as text: mappings in blocks, lists of plain values on one line. */
internal fun yamlText(node: Mapping): String = buildString { block(node, "") }

private fun StringBuilder.block(node: Mapping, indent: String) {
  for ((key, entry) in node.entries) {
    append(indent).append(quotedIfNeeded(key)).append(':')
    below(entry.value, "$indent  ")
  }
}

/** A value after its key. */
private fun StringBuilder.below(node: ConfigNode, indent: String) {
  when {
    node is Mapping && node.entries.isNotEmpty() -> {
      append('\n')
      block(node, indent)
    }
    node is Sequence && node.elements.any { it is Mapping } -> {
      append('\n')
      for (element in node.elements) {
        if (element is Mapping && element.entries.isNotEmpty()) {
          append(buildString { block(element, "$indent  ") }.replaceRange(indent.length, indent.length + 2, "- "))
        } else {
          append(indent).append("- ").append(inline(element)).append('\n')
        }
      }
    }
    else -> append(' ').append(inline(node)).append('\n')
  }
}

/** A value on one line. */
internal fun inline(node: ConfigNode): String =
  when (node) {
    is Mapping ->
      node.entries.map { (key, entry) -> "${quotedIfNeeded(key)}: ${inline(entry.value)}" }.joinToString(", ", "{", "}")
    is Sequence -> node.elements.joinToString(", ", "[", "]", transform = ::inline)
    is Scalar -> if (node.quoted) quotedIfNeeded(node.text) else node.text.ifEmpty { "null" }
  }

/** Plain where no YAML reader could take it for anything but a text. */
private fun quotedIfNeeded(text: String): String {
  if (PLAIN.matches(text) && text.lowercase() !in SPECIAL) return text
  val escaped = text.map {
    when {
      it == '"' || it == '\\' -> "\\$it"
      it.isISOControl() || it in '\u2028'..'\u2029' || it == '\uFEFF' -> "\\u%04x".format(Locale.ROOT, it.code)
      else -> it.toString()
    }
  }
  return escaped.joinToString("", "\"", "\"")
}

/** An option's value as a config writes it, on one line. */
internal fun inlineValue(value: Any?): String = inline(valueNode(value, Location.BuiltIn("a value")))
