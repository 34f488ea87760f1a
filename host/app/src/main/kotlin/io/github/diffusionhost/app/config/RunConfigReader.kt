package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.bind.ConfigSources
import io.github.diffusionhost.app.config.bind.NamedProviders
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.config.source.ConfigErrors
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.InvalidConfig
import io.github.diffusionhost.app.config.source.OwnOption
import io.github.diffusionhost.app.config.source.readConfigFile
import io.github.diffusionhost.app.config.source.readConfigText
import io.github.diffusionhost.app.config.source.readSettings
import io.github.diffusionhost.app.config.source.setting
import java.nio.file.Path

/**
 * What a run is to be read from.
 *
 * @property plugins providers by name; each adds or replaces the role of its kind
 * @property settings `key=value` texts of `--set`, which count more than everything else
 * @property own the command's own options, which count as much
 */
data class ConfigRequest(
  val file: Path? = null,
  val plugins: List<String> = emptyList(),
  val settings: List<String> = emptyList(),
  val own: List<OwnOption> = emptyList(),
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
    return bind(file, request, errors, RunBinding::bind)
  }

  /** Reads a run from the text of a file called [name] in messages. */
  fun read(text: String, name: String, request: ConfigRequest = ConfigRequest()): RunConfig {
    val errors = ConfigErrors()
    return bind(readConfigText(text, name, errors), request, errors, RunBinding::bind)
  }

  /**
   * Reads what images that are there already are evaluated with; what a config says beyond is not looked at.
   *
   * @throws InvalidConfig with everything that is wrong
   */
  fun readImages(request: ConfigRequest): ImagesConfig {
    val errors = ConfigErrors()
    val file = request.file?.let { readConfigFile(it, errors) }
    return bind(file, request, errors, RunBinding::bindImages)
  }

  /** The same of the text of a file called [name] in messages. */
  fun readImages(text: String, name: String, request: ConfigRequest): ImagesConfig {
    val errors = ConfigErrors()
    return bind(readConfigText(text, name, errors), request, errors, RunBinding::bindImages)
  }

  private fun <T : Any> bind(
    file: ConfigNode.Mapping?,
    request: ConfigRequest,
    errors: ConfigErrors,
    how: RunBinding.() -> T?,
  ): T {
    val named = NamedProviders(request.plugins, registry, errors)
    val settings = readSettings(request.settings, errors) + request.own.map(OwnOption::setting)
    val sources = ConfigSources(file, named, settings, errors)
    val config = RunBinding(sources, registry, errors).how()
    errors.throwIfAny()
    return checkNotNull(config) { "no config and no error" }
  }
}
