package io.github.diffusionhost.app.plugins.jar

/**
 * A call of a plugin's code.
 *
 * @property plugin the plugin, as in `plugin ect 1.0.0`
 * @property part which of its providers, as in `scheduler ect`; null if that is not known
 * @property place what was called: `loss`, `constructor of Options`
 */
data class PluginCall(val plugin: String, val part: String?, val place: String) {
  /** The provider, or the plugin if that is all that is known. */
  val who: String
    get() = if (part == null) plugin else "$part ($plugin)"

  override fun toString() = "$who, $place"
}

/** Whether the frame's class is a plugin's. */
internal val StackTraceElement.isPlugins: Boolean
  get() = classLoaderName.orEmpty().startsWith(PLUGIN)

/** Whether the frame's class is the host's own, and not of the contract or a library. */
internal val StackTraceElement.isHosts: Boolean
  get() = HOST.any(className::startsWith)

/** What the frame's method is for a person: that of a lambda is the one that it stands in. */
internal val StackTraceElement.place: String
  get() {
    val type = className.substringAfterLast('.').substringAfterLast('$')
    return when (methodName) {
      "<init>" -> "constructor of $type"
      "<clinit>" -> "initializer of $type"
      else -> methodName.removePrefix("lambda$").substringBefore('$')
    }
  }

internal val StackTraceElement.isLambda: Boolean
  get() = "lambda$" in methodName

/** What the names of plugins' class loaders begin with. */
internal const val PLUGIN = "plugin "
private val HOST = listOf("io.github.diffusionhost.engine.", "io.github.diffusionhost.app.")
