package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.ConfigNode.Typed

private val BLOCK = Regex("[|>][-+0-9]{0,2}")

/** What the command line says of an option: `--set a.b=value`, or a command's own option. */
internal data class Setting(val path: List<String>, val value: ConfigNode)

/** Reads the settings; what the value of each means is for its option to say. */
internal fun readSettings(texts: List<String>, errors: ConfigErrors): List<Setting> = texts.mapNotNull { text ->
  val location = Location.CommandLine("--set ${printable(text)}")
  val path = text.substringBefore('=').trim().split('.')
  if ('=' !in text || path.any(String::isBlank)) {
    errors.add(location, "", "not a setting; write --set key=value, for example --set train.steps=40")
    null
  } else {
    Setting(path, typedValue(text.substringAfter('='), location))
  }
}

/** A command's own option as a setting. */
internal fun OwnOption.setting(): Setting =
  Setting(key.split('.'), typedValue(value, Location.CommandLine("$name ${printable(typed)}")))

/** The value as YAML, which remembers what was typed. Where it is no YAML or would lose a comment, the text alone. */
private fun typedValue(text: String, location: Location): ConfigNode {
  val found = ConfigErrors()
  val node = readValue(text, location, found)
  if (found.count == 0 && hasComment(text)) {
    found.add(location, "", "the comment would be dropped; leave it out, or put the whole value in quotes of its own")
  }
  val typed = Typed(text, found.all())
  return when (val whole = node.takeIf { found.count == 0 }) {
    null -> Scalar(text, false, location, typed)
    // A text in YAML's quotes says itself where it ends.
    is Scalar ->
      when {
        // A block that has only begun: on a command line, a text.
        BLOCK.matches(text.trim()) -> Scalar(text.trim(), false, location, typed)
        whole.quoted -> whole
        // Nothing only where nothing was typed: an anchor alone is a text.
        whole.isNull -> Scalar(text.trim(), false, location, typed)
        else -> whole.copy(typed = typed)
      }
    is Mapping -> whole.copy(typed = typed)
    is Sequence -> whole.copy(typed = typed)
  }
}

/** A value as a config writes it; an empty one is nothing. Null if it is no YAML, and then an error is noted. */
internal fun readValue(text: String, location: Location, errors: ConfigErrors): ConfigNode? =
  try {
    YamlReader(errors) { _, _ -> location }.read(text) ?: Scalar("", false, location)
  } catch (e: InvalidConfig) {
    e.errors.forEach(errors::add)
    null
  }
