package io.github.diffusionhost.app

import java.io.File
import java.nio.file.Path

/**
 * What the process was started with.
 *
 * @property debug whether stack traces are shown
 * @property pluginFolders where plugin jars are looked for
 * @property dataFolder where datasets keep their files
 */
data class HostEnvironment(val debug: Boolean, val pluginFolders: List<Path>, val dataFolder: Path) {
  companion object {
    /**
     * Reads the environment: `DIFFUSIONHOST_PLUGINS` (folders, separated as in `PATH`) and `DIFFUSIONHOST_DATA`.
     *
     * @param pluginFolders folders of the command line, searched beside the installation's own
     */
    fun of(debug: Boolean, pluginFolders: List<Path>, variables: Map<String, String>): HostEnvironment {
      val own = System.getProperty("diffusionhost.home")?.let { Path.of(it, "plugins") }
      val named = variables["DIFFUSIONHOST_PLUGINS"].orEmpty().split(File.pathSeparator).filter(String::isNotBlank)
      val folders = listOfNotNull(own) + named.map { Path.of(it) } + pluginFolders
      val data = variables["DIFFUSIONHOST_DATA"]?.takeIf(String::isNotBlank)?.let { Path.of(it) } ?: cache(variables)
      return HostEnvironment(debug, folders.distinct(), data)
    }

    /** The user's cache folder, as each platform has it. */
    private fun cache(variables: Map<String, String>): Path {
      val home = Path.of(System.getProperty("user.home"))
      val system = System.getProperty("os.name").lowercase()
      val folder =
        when {
          "windows" in system -> variables["LOCALAPPDATA"]?.let { Path.of(it) } ?: home
          "mac" in system -> home.resolve("Library/Caches")
          else ->
            variables["XDG_CACHE_HOME"]?.takeIf { it.startsWith("/") }?.let { Path.of(it) } ?: home.resolve(".cache")
        }
      return folder.resolve("diffusionhost")
    }
  }
}
