package io.github.diffusionhost.app.cli.gpu

import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.gpu.Installation
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.LibtorchChoice
import io.github.diffusionhost.app.gpu.LibtorchDoor
import io.github.diffusionhost.app.gpu.bytesIn
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.amount
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** `host gpu list`: what is installed, and whether it is used. */
internal class GpuListCommand :
  HostSubcommand(
    "list",
    "Lists what host gpu install has brought, whether a run without --device would use it, and if not why.",
    "host gpu list",
    "host gpu list --json",
  ) {
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val installations = services.get<Installations>()
    val there = installations.all()
    val choice = services.get<LibtorchDoor>().look(DeviceChoice.Auto)
    val downloads = bytesIn(installations.downloads)
    if (json) {
      val rows = there.map { installation ->
        buildJsonObject {
          put("name", installation.name)
          put("folder", "${installation.folder}")
          put("bytes", installation.bytes())
          put("source", installation.record?.source)
          put("date", installation.record?.date)
          put("used", whyNot(installation, choice) == null)
          put("why", whyNot(installation, choice) ?: choice.why)
        }
      }
      return printJson(JsonArray(rows))
    }
    if (there.isEmpty()) println("nothing is installed in ${Printable.path(installations.root)}: host gpu install")
    else print(textTable(listOf("NAME", "SIZE", "USED"), there.map { row(it, choice) }))
    if (downloads > 0) {
      val folder = Printable.path(installations.downloads)
      println(
        "${amount(downloads)} of downloads in $folder: host gpu install goes on with them, host gpu remove --all removes them"
      )
    }
  }

  private fun row(installation: Installation, choice: LibtorchChoice): List<String> {
    val used = whyNot(installation, choice)?.let { "no: $it" } ?: "yes"
    return listOf(installation.name, amount(installation.bytes()), used)
  }

  private fun whyNot(installation: Installation, choice: LibtorchChoice): String? =
    when {
      installation.name != CudaBuild.NEEDED.name -> "this version of the program uses ${CudaBuild.NEEDED.name}"
      installation.problem != null -> "it is not whole (${installation.problem}): host gpu install mends it"
      choice.installed -> null
      else -> choice.obstacle?.toString() ?: choice.why
    }
}
