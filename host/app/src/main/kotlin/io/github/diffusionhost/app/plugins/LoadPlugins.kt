package io.github.diffusionhost.app.plugins

import io.github.diffusionhost.api.ApiVersion
import io.github.diffusionhost.app.plugins.jar.ContractVersion
import io.github.diffusionhost.app.plugins.jar.FoundJar
import io.github.diffusionhost.app.plugins.jar.JarStore
import io.github.diffusionhost.app.plugins.jar.PluginFolder
import io.github.diffusionhost.app.plugins.jar.PluginFolderException
import io.github.diffusionhost.app.plugins.jar.PluginJar
import io.github.diffusionhost.app.plugins.jar.PluginJarFile
import io.github.diffusionhost.app.plugins.jar.PluginProblem
import io.github.diffusionhost.app.plugins.jar.RefusedException
import io.github.diffusionhost.app.plugins.jar.findJars
import io.github.diffusionhost.app.plugins.jar.highestOfEachId
import io.github.diffusionhost.app.plugins.jar.pluginFolders
import io.github.diffusionhost.app.plugins.jar.refusal
import io.github.diffusionhost.app.plugins.jar.userCacheFolder
import java.nio.file.Path
import java.time.Duration
import org.slf4j.LoggerFactory

private val log = LoggerFactory.getLogger("io.github.diffusionhost.app.plugins.LoadPlugins")
private val KEEP_COPIES: Duration = Duration.ofDays(30)

/**
 * Loads every plugin of the folders and asks every provider for its name and options. A jar or provider that is broken
 * in any way becomes one of the [LoadedPlugins.problems] and never stops the others.
 *
 * @param folders where jars lie; see [pluginFolders]
 * @param copies the folder for private copies of the jars, which processes may share; made if it is not there
 * @param apiVersion the version of the contract that plugins' `Plugin-Requires` is compared with
 * @param patience how long one call of a plugin's code may take; it is called a few times
 * @throws PluginFolderException if a required folder is missing, or any cannot be read
 */
fun loadPlugins(
  folders: List<PluginFolder>,
  copies: Path = userCacheFolder().resolve("plugins"),
  apiVersion: String = ApiVersion.CURRENT,
  patience: Duration = Duration.ofSeconds(20),
): LoadedPlugins {
  val problems = mutableListOf<PluginProblem>()
  val contract = ContractVersion(apiVersion)
  val store = JarStore(copies)
  val jars = findJars(folders).mapNotNull { readJar(it, store, contract, problems) }
  store.prune(KEEP_COPIES)

  val chosen = highestOfEachId(jars, contract)
  val calls = PluginCalls(patience)
  val manager = IsolatedPlugins(chosen, store.folder, contract, calls)
  manager.loadPlugins()
  val names = TakenNames()
  val providers = chosen.flatMap { Starting(it, manager, calls, names, problems).providers() }
  calls.close()
  for (problem in problems) {
    log.warn("Plugin left out: {}", problem)
  }
  return LoadedPlugins(providers, problems.toList(), manager, calls)
}

private fun readJar(
  found: FoundJar,
  store: JarStore,
  contract: ContractVersion,
  problems: MutableList<PluginProblem>,
): PluginJar? {
  var id: String? = null
  try {
    return PluginJarFile(found, store.copyOf(found.path)).use { file ->
      try {
        file.read(contract)
      } finally {
        id = file.pluginId
      }
    }
  } catch (e: RefusedException) {
    log.debug("Plugin jar {} is refused", found.path, e)
    problems += e.of(found.path, id)
    return null
  }
}

/** Starts one plugin and makes its providers. */
private class Starting(
  private val jar: PluginJar,
  private val manager: IsolatedPlugins,
  private val calls: PluginCalls,
  private val names: TakenNames,
  private val problems: MutableList<PluginProblem>,
) {
  private val plugin = LoadedPlugin(jar.id, jar.version, jar.found.path, jar.stored.sha256)

  /** The providers that work; if none does, the plugin is unloaded. */
  fun providers(): List<LoadedProvider> {
    val started = trying("the plugin's start") { manager.startPlugin(jar.id) } != null
    val providers = if (started) jar.extensions.mapNotNull(::provider) else listOf()
    if (providers.isEmpty()) {
      manager.unloadPlugin(jar.id)
    }
    providers.forEach { log.debug("Loaded {} from {}", it, plugin.jar) }
    return providers
  }

  private fun provider(className: String): LoadedProvider? =
    trying("the provider $className") {
      val loader = manager.getPluginClassLoader(jar.id)
      val provider = calls.call(loader, "the provider $className") { readProvider(className, plugin, loader) }
      names.take(provider)
      provider
    }

  private fun <T> trying(doing: String, block: () -> T): T? =
    try {
      block()
    } catch (e: InterruptedException) {
      throw e
    } catch (e: Throwable) {
      log.debug("{} of {} failed", doing, jar, e)
      problems += refusal(doing, e).of(plugin.jar, plugin.id)
      null
    }
}

/** Who holds which name: names are unique over all kinds. */
private class TakenNames {
  private val holders = HashMap<String, LoadedProvider>()

  fun take(provider: LoadedProvider) {
    val holder = holders.putIfAbsent(provider.name, provider) ?: return
    val reason =
      "its ${provider.kind.label()} is called ${provider.name}, and so is the ${holder.kind.label()} of " +
        "${holder.plugin.jar}, which comes first"
    throw RefusedException(reason, "Remove one of the jars, or rename the provider")
  }
}
