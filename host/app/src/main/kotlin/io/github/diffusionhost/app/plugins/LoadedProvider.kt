package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.plugins.jar.PLUGIN
import java.nio.file.Path

/**
 * A plugin that runs.
 *
 * @property jar the jar as it lies in its folder; the classes come from a private copy of it
 * @property sha256 of the jar, in lower-case hexadecimal
 */
data class LoadedPlugin(val id: String, val version: String, val jar: Path, val sha256: String) {
  /** `plugin ect 1.0.0`: also the name of its class loader, which stack traces show. */
  val label: String
    get() = "$PLUGIN$id $version"
}

/** A provider of a plugin. */
class LoadedProvider internal constructor(val plugin: LoadedPlugin, val known: KnownProvider<*>) {
  val provider: Provider<*>
    get() = known.provider

  val kind: ProviderKind
    get() = known.kind

  val name: String
    get() = known.name

  val options: OptionsSpec<*>
    get() = known.options

  val presets: Map<String, Record>
    get() = known.presets

  /** Runs [block] as the plugin's code wants to run: with its class loader as the context class loader. */
  inline fun <T> inPlugin(block: (Provider<*>) -> T): T = inPluginOf(provider) { block(provider) }

  override fun toString() = "${kind.label()} $name (${plugin.id} ${plugin.version})"
}
