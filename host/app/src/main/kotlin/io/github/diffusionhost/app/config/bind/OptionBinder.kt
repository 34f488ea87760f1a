package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.found
import io.github.diffusionhost.app.config.source.isAbsent
import io.github.diffusionhost.app.config.source.isNull
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.config.source.toFlag
import io.github.diffusionhost.app.config.source.toReal
import io.github.diffusionhost.app.config.source.toWhole
import io.github.diffusionhost.app.words.inWords
import io.github.diffusionhost.app.words.nearest
import java.nio.file.InvalidPathException

/** Turns nodes into option values and records. Everything that is wrong goes to [errors]. */
internal class OptionBinder(private val errors: ConfigErrors) {
  /**
   * A record from a section, or null after an error. What the record's constructor refuses is reported only if nothing
   * else is wrong with the section, so that one mistake is one message. Anything but an [IllegalArgumentException] is a
   * fault of the plugin and thrown on.
   *
   * @param siblings keys that the section may hold beside the record's, for messages
   */
  fun <O : Record> record(
    spec: OptionsSpec<O>,
    node: Mapping,
    path: String,
    section: Location,
    siblings: List<String> = emptyList(),
  ): O? {
    val values = values(spec.options(), node, path, siblings) ?: return null
    return try {
      spec.create(values)
    } catch (e: IllegalArgumentException) {
      val message = if (e is InvalidPathException) inWords(e) else e.message ?: "refused with $e"
      errors.add(culprit(node, section, message), path, message)
      null
    }
  }

  /** The values that are given, by option, or null after an error. */
  fun values(
    options: List<OptionSpec>,
    node: Mapping,
    path: String,
    siblings: List<String> = emptyList(),
  ): Map<String, Any?>? {
    val before = errors.count
    val values = mutableMapOf<String, Any?>()
    for ((key, entry) in node.entries) {
      val option = options.find { it.name() == key }
      if (option == null) {
        unknown(key, entry.key, path, options, siblings)
      } else if (entry.value.isAbsent) {
        if (!option.optional()) errors.add(entry.key, join(path, key), "needs a value", allowed = takes(option.type()))
        values[key] = null
      } else if (option.absent().isNotEmpty() && (entry.value as? Scalar)?.text == option.absent()) {
        values[key] = null
      } else {
        values[key] = value(option.type(), entry.value, join(path, key), entry.key, option.absent())
      }
    }
    return values.takeIf { errors.count == before }
  }

  /** @param word what may be written besides, for messages; empty: nothing */
  private fun value(type: OptionType, node: ConfigNode, path: String, key: Location, word: String = ""): Any? =
    when {
      takesAnyText(type) && node.typed != null -> scalar(type, asTyped(node)) ?: wrong(type, asTyped(node), path)
      type is OptionType.Group && node is Mapping -> record(type.spec(), node, path, key)
      type is OptionType.Many && node is Sequence ->
        node.elements.mapIndexed { i, e -> value(type.element(), e, "$path.$i", e.location) }
      node is Scalar -> scalar(type, node) ?: wrong(type, node, path, word)
      else -> wrong(type, node, path, word)
    }

  private fun asTyped(node: ConfigNode) = Scalar(node.typed!!.text, true, node.location)

  private fun scalar(type: OptionType, node: Scalar): Any? =
    when {
      node.isNull -> null
      type is OptionType.Flag -> node.toFlag()
      type is OptionType.Whole -> node.toWhole()?.takeIf { it in type.min()..type.max() }
      type is OptionType.Real -> node.toReal()?.takeIf { it in type.min()..type.max() }
      type is OptionType.Text -> node.text.takeIf { type.allowed().isEmpty() || it in type.allowed() }
      type is OptionType.Choice -> node.text.takeIf { it in type.names() }
      type is OptionType.Every -> runCatching { Cadence.parse(node.text, type.plain()) }.getOrNull()
      type is OptionType.File -> node.text.takeIf { '\u0000' !in it }
      else -> null
    }

  private fun wrong(type: OptionType, node: ConfigNode, path: String, word: String = ""): Any? {
    val faults = node.typed?.faults.orEmpty()
    if (faults.isNotEmpty()) {
      faults.forEach { errors.add(it.copy(path = path)) }
      return null
    }
    val names = names(type) + listOf(word).filter(String::isNotEmpty)
    val suggestion = if (node is Scalar) nearest(node.text, names) else null
    val or = if (word.isEmpty()) "" else ", or $word"
    errors.add(node.location, path, "${node.found()} is not ${type.describe()}$or", suggestion)
    return null
  }

  private fun unknown(key: String, where: Location, path: String, options: List<OptionSpec>, siblings: List<String>) {
    val names = siblings + options.map { it.name() }
    val suggestion = nearest(key, names) ?: options.firstNotNullOfOrNull { inside(it, key) }
    errors.add(where, join(path, printable(key)), "unknown key", suggestion, "allowed: ${names.joinToString(", ")}")
  }
}

/** A path, or a text that is not one of certain words: what such an option is given has no other meaning. */
private fun takesAnyText(type: OptionType) =
  type is OptionType.File || type is OptionType.Text && type.allowed().isEmpty()

/** What an option takes, for the end of a message. */
internal fun takes(type: OptionType) = "allowed: ${type.describe()}"

internal fun join(path: String, key: String) = if (path.isEmpty()) key else "$path.$key"

/** The words that a type takes, if it takes only certain words. */
internal fun names(type: OptionType): List<String> =
  when (type) {
    is OptionType.Choice -> type.names()
    is OptionType.Text -> type.allowed()
    else -> emptyList()
  }

/** The dotted way to [key] inside a group of options: `lr` is meant as `optimizer.lr`. */
internal fun inside(option: OptionSpec, key: String): String? {
  val group = option.type() as? OptionType.Group ?: return null
  val options = group.spec().options()
  return options.find { it.name() == key }?.let { "${option.name()}.$key" }
    ?: options.firstNotNullOfOrNull { inside(it, key) }?.let { "${option.name()}.$it" }
}

/** The option that a record's message speaks of, if a person wrote it; else the section. */
private fun culprit(node: Mapping, section: Location, message: String): Location {
  val words = Regex("\\w+").findAll(message).map { it.value }.toSet()
  val written = node.entries.filterKeys { it in words }.values.map { it.key }
  return written.filter { it.rank > 0 }.maxByOrNull { it.rank } ?: section
}
