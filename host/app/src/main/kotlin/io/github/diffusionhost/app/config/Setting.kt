package io.github.diffusionhost.app.config

/** A `--set a.b=value` of the command line. */
internal data class Setting(val path: List<String>, val value: ConfigNode)

/** Reads the settings; the value of each is YAML. */
internal fun readSettings(texts: List<String>, errors: ConfigErrors): List<Setting> = texts.mapNotNull { text ->
  val location = Location.CommandLine("--set ${printable(text)}")
  val path = text.substringBefore('=').trim().split('.')
  if ('=' !in text || path.any(String::isBlank)) {
    errors.add(location, "", "not a setting; write --set key=value, for example --set train.steps=40")
    null
  } else {
    readValue(text.substringAfter('='), location, errors)?.let { Setting(path, it) }
  }
}

/** A value as a config writes it; an empty one is nothing. Null if it is no YAML, and then an error is noted. */
internal fun readValue(text: String, location: Location, errors: ConfigErrors): ConfigNode? =
  try {
    YamlReader(errors) { _, _ -> location }.read(text) ?: ConfigNode.Scalar("", false, location)
  } catch (e: InvalidConfig) {
    e.errors.forEach(errors::add)
    null
  }
