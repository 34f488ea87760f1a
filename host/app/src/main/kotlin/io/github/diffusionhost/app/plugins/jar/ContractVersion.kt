package io.github.diffusionhost.app.plugins.jar

import org.pf4j.DefaultVersionManager
import org.pf4j.PluginDescriptor

/** The host's version of the contract, and whether a plugin's own version and its range can be read and fit. */
internal class ContractVersion(val version: String) {
  private val versions = DefaultVersionManager()

  /** @throws RefusedException if a version cannot be read, or the range leaves out this host's version */
  fun check(plugin: PluginDescriptor) {
    try {
      versions.compareVersions(plugin.version, plugin.version)
    } catch (e: RuntimeException) {
      val reason = "its Plugin-Version \"${plugin.version}\" is not a semantic version"
      throw RefusedException(reason, "Write three numbers, as in 1.0.0", e)
    }
    if (!fits(plugin.requires.trim())) {
      val reason =
        "${plugin.pluginId} ${plugin.version} needs plugin-api ${plugin.requires}, and this host has $version"
      throw RefusedException(reason, "Get a release of the plugin for plugin-api $version, or another host")
    }
  }

  /** Whether version [a] of a plugin is higher than version [b]. */
  fun isHigher(a: String, b: String) = versions.compareVersions(a, b) > 0

  private fun fits(range: String): Boolean =
    try {
      // As in PF4J: a bare version is the oldest that will do.
      versions.checkVersionConstraint(version, if (BARE.matches(range)) ">=$range" else range)
    } catch (e: RuntimeException) {
      throw RefusedException("its Plugin-Requires \"$range\" is not a range of versions", "Write it as in $EXAMPLE", e)
    }

  companion object {
    /** A range as plugins write it, for messages. */
    const val EXAMPLE = ">=0.1.0 & <0.2.0"
    private val BARE = Regex("\\d+\\.\\d+\\.\\d+")
  }
}
