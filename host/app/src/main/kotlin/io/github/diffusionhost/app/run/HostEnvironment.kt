package io.github.diffusionhost.app.run

import io.github.diffusionhost.app.plugins.call.PluginFaults
import io.github.diffusionhost.app.plugins.jar.PluginFolder
import io.github.diffusionhost.app.plugins.jar.pluginFolders
import io.github.diffusionhost.app.plugins.jar.usableDataFolder
import io.github.diffusionhost.app.plugins.jar.userCacheFolder
import io.github.diffusionhost.app.process.HostStreams
import io.github.diffusionhost.app.process.Rescue
import java.nio.file.Path

/**
 * What the process was started with.
 *
 * @property debug whether stack traces are shown
 * @property pluginFolders where plugin jars are looked for
 * @property dataFolder where datasets keep their files
 * @property streams where the host itself writes
 * @property faults names the plugins in which something goes wrong
 * @property rescue saves a training when a plugin ends the process
 */
data class HostEnvironment(
  val debug: Boolean,
  val pluginFolders: List<PluginFolder>,
  val dataFolder: Path,
  val streams: HostStreams = HostStreams.ofProcess(),
  val faults: PluginFaults = PluginFaults(),
  val rescue: Rescue = Rescue(),
) {
  /** [dataFolder]; where nobody has chosen one and the user's own cannot be made, a temporary one. */
  fun usableDataFolder(): Path = if (dataFolder == userCacheFolder()) usableDataFolder(dataFolder) else dataFolder

  companion object {
    /**
     * Reads the environment: `DIFFUSIONHOST_PLUGINS` (folders, separated as in `PATH`) and `DIFFUSIONHOST_DATA`.
     *
     * @param given folders of the command line, searched beside the installation's own
     */
    fun of(
      debug: Boolean,
      given: List<Path>,
      variables: Map<String, String>,
      streams: HostStreams,
      faults: PluginFaults,
      rescue: Rescue,
    ): HostEnvironment {
      val installation = System.getProperty("diffusionhost.home")?.let { Path.of(it, "plugins") }
      val folders = pluginFolders(installation, given, variables["DIFFUSIONHOST_PLUGINS"])
      val data = variables["DIFFUSIONHOST_DATA"]?.takeIf(String::isNotBlank)?.let { Path.of(it) } ?: userCacheFolder()
      return HostEnvironment(debug, folders, data, streams, faults, rescue)
    }
  }
}
