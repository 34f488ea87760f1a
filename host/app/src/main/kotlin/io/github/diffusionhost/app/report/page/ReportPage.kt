package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.ConfigFacts
import io.github.diffusionhost.app.report.RunReport

/** The report of a run as one page of HTML. */
fun reportPage(report: RunReport): String {
  val runs = listOf(report)
  val charts = EvaluationChart.of(runs)
  val sections =
    listOfNotNull(
      samplesSection(runs),
      trainingSection(runs),
      levelSection(runs),
      metricsSection(runs, charts),
      configSection(report),
      environmentSection(report),
    )
  return page("${report.name} – run report", chartData(runs, charts), sections) {
    element("header") {
      element("p", "Run report", "class" to "kicker")
      element("h1", report.name)
      element("p", listOfNotNull(parts(report), progress(report)).joinToString(" · "), "class" to "lead")
      facts("figures", cost(report))
      notes(report.notes)
    }
    sections.forEach { section(it) }
  }
}

/** Several runs on one page: what differs first, then the same charts with all of them. */
fun comparisonPage(runs: List<RunReport>): String {
  val charts = EvaluationChart.of(runs)
  val sections =
    listOfNotNull(
      configDifferencesSection(runs),
      samplesSection(runs),
      trainingSection(runs),
      levelSection(runs),
      metricsSection(runs, charts),
    )
  return page("${runs.size} runs compared", chartData(runs, charts), sections) {
    element("header") {
      element("p", "Comparison", "class" to "kicker")
      element("h1", "${runs.size} runs")
      legend(runs)
      table("The runs", listOf("Run", "Parts", "Progress") + cost(runs[0]).map { it.first }, runs.map(::row))
      runs.forEach { run -> notes(run.notes.map { "${run.name}: $it" }) }
    }
    sections.forEach { section(it) }
    runs.forEach { run -> run.config?.let { wholeConfig(run.name, it) } }
  }
}

private fun row(run: RunReport) =
  listOf(run.name, parts(run) ?: "–", progress(run)) + cost(run).map { it.second ?: "–" }

private fun Html.wholeConfig(name: String, config: ConfigFacts) =
  element("details", "class" to "copyable") {
    element("summary", "The config of $name")
    element("pre", config.text, "tabindex" to "0", "role" to "region", "aria-label" to "The config of $name")
    element("button", "Copy the config", "type" to "button", "class" to "copy")
  }

private fun Html.legend(runs: List<RunReport>) =
  element("ul", "class" to "legend", "aria-label" to "Colours of the runs") {
    runs.forEachIndexed { i, run ->
      element("li") {
        element("span", "class" to "swatch s${i % 8}", "aria-hidden" to "true")
        +run.name
      }
    }
  }

private fun Html.notes(notes: List<String>) {
  if (notes.isEmpty()) return
  element("ul", "class" to "notes", "aria-label" to "Notes") { notes.forEach { element("li", it) } }
}

/** `dit under flowmatch on glyphs`. */
private fun parts(report: RunReport): String? {
  val options = report.config?.options ?: return null
  val model = options["model.use"] ?: return null
  return "$model under ${options["scheduler.use"]} on ${options["dataset.use"]}"
}
