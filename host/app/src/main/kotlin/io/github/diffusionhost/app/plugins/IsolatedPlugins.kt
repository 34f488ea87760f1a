package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.Provider
import io.github.diffusionhost.app.plugins.jar.ContractVersion
import io.github.diffusionhost.app.plugins.jar.HostView
import io.github.diffusionhost.app.plugins.jar.PLUGIN
import io.github.diffusionhost.app.plugins.jar.PluginJar
import io.github.diffusionhost.app.plugins.jar.RefusedException
import io.github.diffusionhost.app.plugins.jar.refusal
import java.nio.file.Path
import org.pf4j.AbstractExtensionFinder
import org.pf4j.AbstractPluginManager
import org.pf4j.DefaultExtensionFactory
import org.pf4j.DefaultVersionManager
import org.pf4j.Plugin
import org.pf4j.PluginDescriptor
import org.pf4j.PluginDescriptorFinder
import org.pf4j.PluginFactory
import org.pf4j.PluginLoader
import org.pf4j.PluginRepository
import org.pf4j.PluginState
import org.pf4j.PluginStateEvent
import org.pf4j.PluginStatusProvider
import org.pf4j.PluginWrapper
import org.pf4j.RuntimeMode
import org.pf4j.SecurePluginManagerWrapper
import org.pf4j.VersionManager
import org.slf4j.LoggerFactory

/**
 * PF4J over jars that have been read already. A plugin sees [HostView] and itself; whatever its code throws reaches the
 * caller instead of PF4J's log. Its only root, [folder], is where the copies lie.
 *
 * The super-class calls the `create` functions before this class is initialized: they must not touch its properties.
 */
internal class IsolatedPlugins(
  private val jars: List<PluginJar>,
  folder: Path,
  contract: ContractVersion,
  private val calls: PluginCalls,
) : AbstractPluginManager(folder) {
  private val log = LoggerFactory.getLogger(IsolatedPlugins::class.java)
  private val byCopy = jars.associateBy { it.stored.path }
  private val view = HostView(Provider::class.java.classLoader)

  init {
    setSystemVersion(contract.version)
  }

  /** Makes the class loaders; runs no code of a plugin. */
  override fun loadPlugins() {
    if (jars.isNotEmpty()) {
      super.loadPlugins()
    }
  }

  /** Runs the plugin's own start, if it has one, and throws what that throws. */
  override fun startPlugin(pluginId: String): PluginState {
    val plugin = getPlugin(pluginId)
    val before = plugin.pluginState
    calls.call(plugin.pluginClassLoader, "the plugin's start") { plugin.plugin.start() }
    plugin.pluginState = PluginState.STARTED
    startedPlugins.add(plugin)
    firePluginStateEvent(PluginStateEvent(this, plugin, before))
    return plugin.pluginState
  }

  public override fun stopPlugin(pluginId: String, stopDependents: Boolean): PluginState {
    val plugin = getPlugin(pluginId)
    val before = plugin.pluginState
    if (before == PluginState.STARTED) {
      try {
        calls.call(plugin.pluginClassLoader, "the plugin's stop") { plugin.plugin.stop() }
      } catch (e: Throwable) {
        log.warn("Plugin {} did not stop well: {}", pluginId, refusal("its stop", e).reason)
        log.debug("Plugin {} did not stop well", pluginId, e)
      }
      plugin.pluginState = PluginState.STOPPED
      startedPlugins.remove(plugin)
      firePluginStateEvent(PluginStateEvent(this, plugin, before))
    }
    return plugin.pluginState
  }

  override fun getRuntimeMode() = RuntimeMode.DEPLOYMENT

  override fun createPluginWrapper(descriptor: PluginDescriptor, path: Path, loader: ClassLoader): PluginWrapper =
    PluginWrapper(SecurePluginManagerWrapper(this, descriptor.pluginId), descriptor, path, loader).apply {
      setPluginFactory(pluginFactory)
    }

  override fun createPluginRepository() =
    object : PluginRepository {
      override fun getPluginPaths() = jars.map { it.stored.path }

      override fun deletePluginPath(pluginPath: Path) = false
    }

  override fun createPluginDescriptorFinder() =
    object : PluginDescriptorFinder {
      override fun isApplicable(pluginPath: Path) = pluginPath in byCopy

      override fun find(pluginPath: Path) = byCopy.getValue(pluginPath).descriptor
    }

  override fun createPluginLoader() =
    object : PluginLoader {
      override fun isApplicable(pluginPath: Path) = pluginPath in byCopy

      override fun loadPlugin(pluginPath: Path, descriptor: PluginDescriptor) =
        IsolatedClassLoader("$PLUGIN${descriptor.pluginId} ${descriptor.version}", pluginPath, view)
    }

  override fun createExtensionFinder() =
    object : AbstractExtensionFinder(this) {
      override fun readPluginsStorages() = jars.associate { it.id to it.extensions }

      override fun readClasspathStorages() = mapOf<String, Set<String>>()
    }

  override fun createPluginFactory() = PluginFactory(::instantiate)

  override fun createExtensionFactory() = DefaultExtensionFactory()

  override fun createVersionManager(): VersionManager = DefaultVersionManager()

  override fun createPluginStatusProvider() =
    object : PluginStatusProvider {
      override fun isPluginDisabled(pluginId: String) = false

      override fun disablePlugin(pluginId: String) = Unit

      override fun enablePlugin(pluginId: String) = Unit
    }

  private fun instantiate(plugin: PluginWrapper): Plugin {
    val name = plugin.descriptor.pluginClass
    val type = plugin.pluginClassLoader.loadClass(name)
    if (!Plugin::class.java.isAssignableFrom(type)) {
      val remedy = "Let it extend org.pf4j.Plugin, or drop the line Plugin-Class from the manifest"
      throw RefusedException("its Plugin-Class $name is not a PF4J plugin", remedy)
    }
    val taking = type.constructors.associateBy { it.parameterTypes.toList() }
    val made =
      taking[listOf(PluginWrapper::class.java)]?.newInstance(plugin)
        ?: taking[listOf()]?.newInstance()
        ?: throw RefusedException(
          "its Plugin-Class $name has no public constructor that takes nothing or a PluginWrapper",
          "Give it one, or drop the line Plugin-Class from the manifest",
        )
    return made as Plugin
  }
}
