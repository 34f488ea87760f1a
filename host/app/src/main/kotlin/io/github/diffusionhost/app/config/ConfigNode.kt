package io.github.diffusionhost.app.config

/** A part of a config before it is given a meaning. */
sealed interface ConfigNode {
  val location: Location

  /** Keys in the order they were written. */
  data class Mapping(val entries: Map<String, Entry>, override val location: Location) : ConfigNode {
    operator fun get(key: String): ConfigNode? = entries[key]?.value

    fun with(key: String, entry: Entry) = copy(entries = entries + (key to entry))

    fun without(keys: Collection<String>) = copy(entries = entries - keys.toSet())

    fun only(keys: Collection<String>) = copy(entries = entries.filterKeys { it in keys })
  }

  data class Sequence(val elements: List<ConfigNode>, override val location: Location) : ConfigNode

  /**
   * A single value, still as text: what it means is for the option to say that takes it, so that `no` is a word where a
   * word is wanted.
   *
   * @property quoted whether it was in quotes, and so is a text and never a number
   */
  data class Scalar(val text: String, val quoted: Boolean, override val location: Location) : ConfigNode

  /** A value with the place of its key. */
  data class Entry(val key: Location, val value: ConfigNode)
}

/** What a person wrote, for messages: `'abc'`, `a list`. */
internal fun ConfigNode.found(): String =
  when (this) {
    is ConfigNode.Mapping -> "a mapping"
    is ConfigNode.Sequence -> "a list"
    is ConfigNode.Scalar -> if (isNull) "nothing" else "'${printable(text)}'"
  }

/** Text on one line, and not too much of it. */
internal fun printable(text: String): String {
  val line = text.take(60).map { if (it.isISOControl()) "\\u%04x".format(it.code) else it.toString() }.joinToString("")
  return if (text.length > 60) "$line…" else line
}
