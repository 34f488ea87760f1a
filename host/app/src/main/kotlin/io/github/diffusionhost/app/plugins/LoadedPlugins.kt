package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.app.plugins.jar.PluginProblem
import io.github.diffusionhost.app.words.nearest

/**
 * What the plugin folders held. Closing stops and unloads every plugin; nothing made by one may be used afterwards.
 *
 * @property problems jars and providers that are left out; each has been logged as a warning
 */
class LoadedPlugins
internal constructor(
  providers: List<LoadedProvider>,
  val problems: List<PluginProblem>,
  private val manager: IsolatedPlugins,
  private val calls: PluginCalls,
) : AutoCloseable {
  /** Every provider, in the order of the folders, then of the plugins' ids. Empty after closing. */
  var providers: List<LoadedProvider> = providers
    private set

  /** The plugins that hold them. */
  val plugins: List<LoadedPlugin>
    get() = providers.map { it.plugin }.distinct()

  /** The names of the providers of a kind, sorted. */
  fun names(kind: ProviderKind): List<String> = providers.filter { it.kind == kind }.map { it.name }.sorted()

  /** The provider of that name, whatever its kind; null if there is none. */
  fun find(name: String): LoadedProvider? = providers.find { it.name == name }

  /**
   * The provider of that name.
   *
   * @param kind the kind that is wanted; null: any
   * @throws UnknownProviderException if there is none; the message names the nearest and all there are
   */
  fun get(name: String, kind: ProviderKind? = null): LoadedProvider {
    val provider = find(name)
    return if (provider != null && (kind == null || provider.kind == kind)) provider else throw unknown(name, kind)
  }

  private fun unknown(name: String, kind: ProviderKind?): UnknownProviderException {
    val kinds = if (kind == null) ProviderKind.values().toList() else listOf(kind)
    val suspect = problems.find { it.pluginId == name || it.jar.fileName.toString().startsWith("$name-") }
    return UnknownProviderException(
      name,
      kind,
      isA = find(name)?.kind,
      nearest = nearest(name, kinds.flatMap(::names)),
      available = kinds.associateWith(::names),
      suspect,
    )
  }

  override fun close() {
    providers = listOf()
    manager.unloadPlugins()
    calls.close()
  }
}
