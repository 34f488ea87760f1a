package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.api.text.Printable

/** A part of a config before it is given a meaning. */
sealed interface ConfigNode {
  val location: Location
  /** What was typed, where the node is the whole value of a `--set`; null elsewhere. */
  val typed: Typed?

  /** Keys in the order they were written. */
  data class Mapping(
    val entries: Map<String, Entry>,
    override val location: Location,
    override val typed: Typed? = null,
  ) : ConfigNode {
    operator fun get(key: String): ConfigNode? = entries[key]?.value

    fun with(key: String, entry: Entry) = copy(entries = entries + (key to entry))

    fun without(keys: Collection<String>) = copy(entries = entries - keys.toSet())

    fun only(keys: Collection<String>) = copy(entries = entries.filterKeys { it in keys })
  }

  data class Sequence(
    val elements: List<ConfigNode>,
    override val location: Location,
    override val typed: Typed? = null,
  ) : ConfigNode

  /**
   * A single value, still as text: what it means is for the option to say that takes it, so that `no` is a word where a
   * word is wanted.
   *
   * @property quoted whether it was in quotes, and so is a text and never a number
   */
  data class Scalar(
    val text: String,
    val quoted: Boolean,
    override val location: Location,
    override val typed: Typed? = null,
  ) : ConfigNode

  /**
   * The value of a `--set`, before it is known what its option takes: a text or a path is [text] as it stands,
   * everything else is YAML.
   *
   * @property faults what is wrong with it as YAML; then the node is the text alone
   */
  data class Typed(val text: String, val faults: List<ConfigError>)

  /** A value with the place of its key. */
  data class Entry(val key: Location, val value: ConfigNode)
}

/** What a text is set to; null for a mapping or list of a file, which is none. */
internal val ConfigNode.words: String?
  get() = typed?.text ?: (this as? ConfigNode.Scalar)?.text

/** What a person wrote, for messages: `'abc'`, `a list`. */
internal fun ConfigNode.found(): String =
  when (this) {
    is ConfigNode.Mapping -> "a mapping"
    is ConfigNode.Sequence -> "a list"
    is ConfigNode.Scalar -> if (isNull) "nothing" else "'${printable(text)}'"
  }

/** Text on one line, and not too much of it. */
internal fun printable(text: String): String = Printable.name(text)
