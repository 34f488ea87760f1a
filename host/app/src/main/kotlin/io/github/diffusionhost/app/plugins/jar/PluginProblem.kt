package io.github.diffusionhost.app.plugins.jar

import io.github.diffusionhost.api.text.Printable
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
  override fun toString() = "${Printable.path(jar.fileName)}: ${Printable.line(reason, LONGEST)}. $remedy."

  private companion object {
    const val LONGEST = 2000
  }
}

/** Why a jar or a provider is not used; becomes a [PluginProblem] where the jar is known. */
internal class RefusedException(val reason: String, val remedy: String, cause: Throwable? = null) :
  Exception(reason, cause) {
  fun of(jar: Path, pluginId: String?) = PluginProblem(jar, pluginId, reason, remedy)
}
