package io.github.diffusionhost.app.cli.plugins

import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.config.bind.ProviderRegistry
import io.github.diffusionhost.app.terminal.textTable
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** `host plugins list`: the providers, by role. */
internal class PluginsListCommand :
  HostSubcommand(
    "list",
    "Lists the installed models, schedulers, datasets, metrics and trackers.",
    "host plugins list",
    "host --plugins-dir ~/jars plugins list --json",
  ) {
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val providers = services.get<ProviderRegistry>().all().sortedWith(compareBy({ it.kind }, { it.name }))
    if (json) {
      val rows = providers.map {
        buildJsonObject {
          put("kind", it.kind.label())
          put("name", it.name)
          put("summary", it.summary)
        }
      }
      printJson(JsonArray(rows))
    } else if (providers.isEmpty()) {
      println("no plugins; looked in ${services.environment.pluginFolders.joinToString(", ").ifEmpty { "no folder" }}")
    } else {
      print(
        textTable(
          listOf("KIND", "NAME", "SUMMARY"),
          providers.map { listOf(it.kind.label(), it.name, it.summary) },
        )
      )
    }
  }
}
