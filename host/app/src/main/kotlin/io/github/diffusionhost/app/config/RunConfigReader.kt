package io.github.diffusionhost.app.config

import java.nio.file.Path

/**
 * What a run is to be read from.
 *
 * @property plugins providers by name; each adds or replaces the role of its kind
 * @property settings `key=value` texts of `--set`, which count more than everything else
 */
data class ConfigRequest(
  val file: Path? = null,
  val plugins: List<String> = emptyList(),
  val settings: List<String> = emptyList(),
)

/** Reads runs from files, `--plugins` and `--set`. */
class RunConfigReader(private val registry: ProviderRegistry) {
  /**
   * Reads a run.
   *
   * @throws InvalidConfig with everything that is wrong
   */
  fun read(request: ConfigRequest): RunConfig {
    val errors = ConfigErrors()
    val file = request.file?.let { readConfigFile(it, errors) }
    return bind(file, request, errors)
  }

  /** Reads a run from the text of a file called [name] in messages. */
  fun read(text: String, name: String, request: ConfigRequest = ConfigRequest()): RunConfig {
    val errors = ConfigErrors()
    return bind(readConfigText(text, name, errors), request, errors)
  }

  private fun bind(file: ConfigNode.Mapping?, request: ConfigRequest, errors: ConfigErrors): RunConfig {
    val named = NamedProviders(request.plugins, registry, errors)
    val sources = ConfigSources(file, named, readSettings(request.settings, errors), errors)
    val config = RunBinding(sources, registry, errors).bind()
    errors.throwIfAny()
    return checkNotNull(config) { "no config and no error" }
  }
}
