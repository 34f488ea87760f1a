package io.github.diffusionhost.app.plugins

import java.nio.file.Path

/**
 * A jar, or one provider of a jar, that is not used. Everything else is.
 *
 * @property jar the jar as it lies in its folder
 * @property pluginId the plugin's id, if the jar could be read so far
 * @property reason what is wrong, without a full stop
 * @property remedy what to do, without a full stop
 */
data class PluginProblem(val jar: Path, val pluginId: String?, val reason: String, val remedy: String) {
  override fun toString() = "${jar.fileName}: $reason. $remedy."
}

/** Why a jar or a provider is not used; becomes a [PluginProblem] where the jar is known. */
internal class RefusedException(val reason: String, val remedy: String, cause: Throwable? = null) :
  Exception(reason, cause) {
  fun of(jar: Path, pluginId: String?) = PluginProblem(jar, pluginId, reason, remedy)
}
