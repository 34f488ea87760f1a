package io.github.diffusionhost.app.cli.gpu

import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.optional
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.bytesIn
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.app.words.amount
import io.github.diffusionhost.app.words.nearest
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.name

/** `host gpu remove`: makes room. */
internal class GpuRemoveCommand :
  HostSubcommand(
    "remove",
    "Removes what host gpu install has brought. A process that uses it goes on.",
    "host gpu remove",
    "host gpu remove --all",
  ) {
  private val name by argument("NAME").optional().help("Which, as `host gpu list` names it; not needed if there is one")
  private val all by option("--all").flag().help("Remove everything, downloads that were kept or cut off included")

  override fun run() {
    val named = name
    if (all && named != null) wrongUsage("--all removes everything; leave NAME out")
    val installations = services.get<Installations>()
    val waiting = { streams.err.println("waiting for an install in ${Printable.path(installations.root)}") }
    if (!installations.root.exists()) return println(nothing(installations))
    installations.alone(waiting) {
      val folders = chosen(installations, named)
      if (folders.isEmpty()) println(nothing(installations))
      for (folder in folders) {
        val bytes = bytesIn(folder)
        installations.remove(folder)
        println("removed ${folder.name}, ${amount(bytes)}")
      }
    }
  }

  private fun chosen(installations: Installations, named: String?): List<Path> {
    val there = installations.all().map { it.folder }
    if (all) return there + listOf(installations.downloads).filter { it.exists() }
    if (named == null) {
      if (there.size > 1) wrongUsage("there are ${there.joinToString(", ") { it.name }}: name one, or give --all")
      return there
    }
    val names = there.map { it.name }
    val found = there.firstOrNull { it.name == named }
    if (found != null) return listOf(found)
    val hint = nearest(named, names)?.let { "; did you mean $it?" }.orEmpty()
    val installed = names.joinToString(", ").ifEmpty { "nothing" }
    throw UserError("'${Printable.name(named)}' is not installed$hint (installed: $installed)", ExitCode.USAGE)
  }

  private fun nothing(installations: Installations) = "nothing is installed in ${Printable.path(installations.root)}"
}
