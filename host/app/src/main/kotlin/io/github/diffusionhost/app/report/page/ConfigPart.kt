package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.ConfigFacts
import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.words.count

/** What is special about the config of a run, and all of it. */
internal fun configSection(report: RunReport): Section? {
  val config = report.config ?: return null
  return Section("config", "Config") {
    when {
      config.changes == null -> {}
      config.changes.isEmpty() -> element("p", "Every option has its default.")
      else ->
        table(
          "What differs from the defaults",
          listOf("Option", "This run", "Default"),
          config.changes.map { listOf(it.key, it.here ?: "–", it.default ?: "–") },
        )
    }
    changesOnTheWay(report)
    recipe(config)
    element("details", "class" to "copyable") {
      element("summary", "The whole config")
      element("pre", config.text, "tabindex" to "0", "role" to "region", "aria-label" to "config.yaml")
      element("button", "Copy the config", "type" to "button", "class" to "copy")
    }
  }
}

/** What was not so from the beginning. */
private fun Html.changesOnTheWay(report: RunReport) {
  val changes = report.manifest?.changes.orEmpty()
  if (changes.isEmpty()) return
  table(
    "What changed on the way",
    listOf("What", "From step", "Before", "From then on"),
    changes.map { listOf(it.key, count(it.step), it.from ?: "–", it.to ?: "–") },
  )
}

private fun Html.recipe(config: ConfigFacts) {
  val recipe = config.recipe ?: return
  val name = "${recipe.name}, ${recipe.title}"
  if (config.findings.isEmpty()) {
    element("p", "No departure that is known to matter from recipe $name.")
  } else {
    table(
      "Departures that matter from recipe $name",
      listOf("Option", "This run", recipe.name, "Effect", "Source"),
      config.findings.map { listOf(it.key, it.here, it.recipe, it.effect, it.source) },
    )
  }
}

/** The options in which runs differ. */
internal fun configDifferencesSection(runs: List<RunReport>): Section? {
  if (runs.any { it.config == null }) return null
  val keys = runs.flatMap { it.config!!.options.keys }.distinct().filter { it != "name" }
  val differing = keys.filter { key -> runs.map { it.config!!.options[key] }.distinct().size > 1 }
  return Section("config", "What differs") {
    if (differing.isEmpty()) {
      element("p", "The configs are the same.")
    } else {
      table(
        "Options in which the runs differ",
        listOf("Option") + runs.map { it.name },
        differing.map { key -> listOf(key) + runs.map { it.config!!.options[key] ?: "–" } },
      )
    }
  }
}
