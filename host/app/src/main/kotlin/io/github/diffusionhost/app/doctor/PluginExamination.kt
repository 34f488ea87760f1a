package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.plugins.LoadedPlugin
import io.github.diffusionhost.app.plugins.LoadedPlugins
import io.github.diffusionhost.app.plugins.jar.PluginFolder
import io.github.diffusionhost.app.plugins.jar.PluginProblem
import io.github.diffusionhost.app.plugins.jar.findJars
import java.nio.file.Path

/** Every plugin jar in sight, whether it is used, and if not why. */
internal class PluginExamination(private val folders: List<PluginFolder>, private val plugins: () -> LoadedPlugins) :
  Examination {
  override val area = "plugins"

  override fun findings(): List<Finding> {
    val loaded = plugins()
    val used = loaded.plugins.associateBy { it.jar }
    val jars = findJars(folders).map { it.path }
    if (jars.isEmpty()) {
      val looked = folders.joinToString(", ") { Printable.path(it.path) }.ifEmpty { "no folder" }
      val remedy = "Build the host, or name a folder of jars with --plugins-dir or DIFFUSIONHOST_PLUGINS"
      return listOf(Finding(area, "jars", "none; looked in $looked", Verdict.BROKEN, remedy))
    }
    return jars.flatMap { jar ->
      val problems = loaded.problems.filter { it.jar == jar }.map(::problem)
      listOfNotNull(used[jar]?.let { working(it, loaded) }) + problems.ifEmpty { setAside(jar, used) }
    }
  }

  private fun working(plugin: LoadedPlugin, loaded: LoadedPlugins): Finding {
    val provides =
      loaded.providers.filter { it.plugin == plugin }.joinToString(", ") { "${it.kind.label()} ${it.name}" }
    return Finding(area, Printable.path(plugin.jar.fileName), "${plugin.id} ${plugin.version}: $provides")
  }

  private fun problem(problem: PluginProblem) =
    Finding(
      area,
      Printable.path(problem.jar.fileName),
      "left out: ${Printable.line(problem.reason, LONGEST)}",
      Verdict.NOTE,
      problem.remedy,
    )

  private fun setAside(jar: Path, used: Map<Path, LoadedPlugin>): List<Finding> =
    if (jar in used) emptyList()
    else {
      val found = "not used: another jar of the same plugin is newer, or comes first"
      listOf(Finding(area, Printable.path(jar.fileName), found, Verdict.NOTE, "Remove it if it is not wanted: $jar"))
    }

  private companion object {
    const val LONGEST = 300
  }
}
