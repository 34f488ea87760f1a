package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError

/**
 * One thing that is wrong with a config.
 *
 * @property path the key, dotted; empty for the config as a whole
 * @property problem what is wrong
 * @property suggestion the nearest thing that would be right
 * @property allowed what would be right
 */
data class ConfigError(
  val location: Location,
  val path: String,
  val problem: String,
  val suggestion: String? = null,
  val allowed: String? = null,
) {
  override fun toString(): String {
    val where = if (path.isEmpty()) "$location" else "$location: $path"
    val hint = suggestion?.let { "; did you mean $it?" }.orEmpty()
    return "$where: $problem$hint${allowed?.let { " ($it)" }.orEmpty()}"
  }
}

/** A config with everything that is wrong with it, in the order of its lines. */
class InvalidConfig(val errors: List<ConfigError>) : UserError(errors.joinToString("\n"), ExitCode.USAGE)

/** Collects what is wrong. */
internal class ConfigErrors {
  private val found = mutableListOf<ConfigError>()

  val count: Int
    get() = found.size

  fun add(
    location: Location,
    path: String,
    problem: String,
    suggestion: String? = null,
    allowed: String? = null,
  ) {
    found += ConfigError(location, path, problem, suggestion, allowed)
  }

  fun add(error: ConfigError) {
    found += error
  }

  fun all(): List<ConfigError> = found.toList()

  fun throwIfAny() {
    if (found.isNotEmpty()) throw InvalidConfig(found.distinct().sortedWith(byPlace))
  }

  private companion object {
    // A file first, line by line, then the command line as typed, then what nobody wrote.
    val byPlace =
      compareBy<ConfigError>(
        { if (it.location is Location.InFile) 0 else 3 - it.location.rank },
        { (it.location as? Location.InFile)?.line },
        { (it.location as? Location.InFile)?.column },
      )
  }
}
