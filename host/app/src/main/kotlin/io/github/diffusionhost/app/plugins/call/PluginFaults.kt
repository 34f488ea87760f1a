package io.github.diffusionhost.app.plugins.call

import ai.djl.nn.Block
import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.metric.Metric
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.SamplerFactory
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.tracker.Tracker
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.plugins.LoadedProvider
import io.github.diffusionhost.app.plugins.jar.PLUGIN
import io.github.diffusionhost.app.plugins.jar.PluginCall
import io.github.diffusionhost.app.plugins.jar.faultWords
import io.github.diffusionhost.app.plugins.jar.isHosts
import io.github.diffusionhost.app.plugins.jar.isLambda
import io.github.diffusionhost.app.plugins.jar.isPlugins
import io.github.diffusionhost.app.plugins.jar.place
import io.github.diffusionhost.engine.contract.WrongResultException

/**
 * Says in which plugin something was thrown, and what the host had called. The class loaders of plugins have names, and
 * every frame of a stack trace carries that of its class: no call of a plugin's code needs a wrapper, and none is
 * forgotten.
 */
class PluginFaults {
  @Volatile private var providers = emptyList<LoadedProvider>()

  /** From now on providers are named, and not their plugins alone. */
  internal fun know(loaded: LoadedPlugins) {
    providers = loaded.providers
  }

  /**
   * What [thrown] means to a person: `scheduler ect (plugin ect 1.0.0), loss: IllegalStateException: …`; null if no
   * plugin's code had a part in it.
   */
  fun words(thrown: Throwable): String? {
    for (e in causes(thrown)) {
      val call = callThat(e) ?: continue
      return faultWords(call, e)
    }
    return null
  }

  /** The call of a plugin's code in which [thrown] was; null if there was none. */
  fun callOf(thrown: Throwable): PluginCall? = causes(thrown).firstNotNullOfOrNull(::callThat)

  private fun callThat(failed: Throwable) =
    if (failed is WrongResultException) callOf(failed) else callIn(failed.stackTrace)

  /** What was wrong shows when the call is over. */
  private fun callOf(e: WrongResultException): PluginCall? {
    val plugin = e.source().classLoader?.name.orEmpty()
    if (!plugin.startsWith(PLUGIN)) return null
    return PluginCall(plugin, partOf(e.source(), plugin), e.call())
  }

  /** The innermost call of a plugin's code that a stack trace shows; null if it shows none. */
  fun callIn(trace: Array<StackTraceElement>): PluginCall? {
    val inner = trace.indexOfFirst { it.isPlugins }
    if (inner < 0) return null
    val plugin = trace[inner].classLoaderName
    // Its blocks call each other through DJL and the contract; what has called them is the first of the host's own.
    val behind = trace.drop(inner)
    val caller = behind.indexOfFirst { it.isHosts || (it.isPlugins && it.classLoaderName != plugin) }
    val frames = (if (caller < 0) behind else behind.take(caller)).filter { it.classLoaderName == plugin }
    return frames.asReversed().firstNotNullOfOrNull { named(it, behind.getOrNull(caller)) }
      ?: PluginCall(plugin, null, frames.last().place)
  }

  private fun named(frame: StackTraceElement, caller: StackTraceElement?): PluginCall? {
    val plugin = frame.classLoaderName
    val loader = providers.find { it.plugin.label == plugin }?.provider?.javaClass?.classLoader ?: return null
    val part = typeOf(frame, loader)?.let { partOf(it, plugin) } ?: return null
    // Of a sampler that is a lambda the frame tells only where it was made.
    val samples = frame.isLambda && caller?.className == GENERATOR
    return PluginCall(plugin, part, if (samples) "sample" else frame.place)
  }

  /** Which of a plugin's providers a class belongs to; null if that is not known. */
  private fun partOf(type: Class<*>, plugin: String): String? {
    val mine = providers.filter { it.plugin.label == plugin }
    val provider = mine.find { it.provider.javaClass == type }
    val kind = provider?.kind ?: kindOf(type) ?: mine.map { it.kind }.distinct().singleOrNull() ?: return null
    val name = (provider ?: mine.singleOrNull { it.kind == kind })?.name
    return listOfNotNull(kind.label(), name).joinToString(" ")
  }

  private fun typeOf(frame: StackTraceElement, loader: ClassLoader): Class<*>? =
    try {
      Class.forName(frame.className, false, loader)
    } catch (_: ClassNotFoundException) {
      null // none of this plugin
    } catch (_: LinkageError) {
      null // nor is one that does not load
    }

  private fun kindOf(type: Class<*>): ProviderKind? =
    ROLES.entries.find { (role, _) -> role.isAssignableFrom(type) }?.value

  private companion object {
    const val DEEPEST = 20
    const val GENERATOR = "io.github.diffusionhost.engine.sample.ImageGenerator"
    val ROLES: Map<Class<*>, ProviderKind> =
      mapOf(
        Scheduler::class.java to ProviderKind.SCHEDULER,
        Sampler::class.java to ProviderKind.SCHEDULER,
        SamplerFactory::class.java to ProviderKind.SCHEDULER,
        Block::class.java to ProviderKind.MODEL,
        ImageDataset::class.java to ProviderKind.DATASET,
        Metric::class.java to ProviderKind.METRIC,
        Tracker::class.java to ProviderKind.TRACKER,
      )

    fun causes(thrown: Throwable) = generateSequence(thrown) { it.cause }.take(DEEPEST)
  }
}
