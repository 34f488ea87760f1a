package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.words.count

/** Evaluations, one table and one axis for each protocol. */
internal fun metricsSection(runs: List<RunReport>, charts: List<EvaluationChart>): Section? {
  val groups = runs.flatMap { run -> run.evaluations.map { it.comparable } }.distinct()
  if (groups.isEmpty()) return null
  return Section("metrics", "Metrics") {
    element(
      "p",
      "Numbers of different protocols do not compare; each protocol has a table of its own.",
      "class" to "lead",
    )
    for ((metric, protocol) in groups) {
      element("article") {
        element("h3", metric)
        protocol(protocol)
        val own = charts.withIndex().filter { it.value.metric == metric && it.value.protocol == protocol }
        element("div", "class" to "charts") {
          for ((index, chart) in own) {
            figure("$metric: ${chart.value}", "by weights") {
              canvas("evaluation", "$index", "${chart.value} of $metric over training; the table below has its numbers")
            }
          }
        }
        values(metric, protocol, runs)
        pictures(metric, protocol, runs)
      }
    }
  }
}

private fun Html.protocol(protocol: Map<String, String>) {
  if (protocol.isEmpty()) element("p", "No protocol was recorded.") else facts("protocol", protocol.toList())
}

private fun Html.values(metric: String, protocol: Map<String, String>, runs: List<RunReport>) {
  val several = runs.size > 1
  val found = runs.flatMap { run -> run.evaluations.filter { it.comparable == metric to protocol }.map { run to it } }
  // Of several runs the newest of each, which is what one compares.
  val shown = if (several) found.groupBy { (run, e) -> run to e.weightsText }.values.map { it.last() } else found
  val names = shown.flatMap { it.second.values.keys }.distinct()
  table(
    "$metric by " + if (several) "run, at its last evaluation" else "step",
    listOfNotNull("Run".takeIf { several }, "Step", "Images", "Weights") + names,
    shown.map { (run, e) ->
      listOfNotNull(run.name.takeIf { several }, count(e.step), count(e.images), e.weightsText) +
        names.map { number(e.values[it]) }
    },
    numbers = true,
  )
}

private fun Html.pictures(metric: String, protocol: Map<String, String>, runs: List<RunReport>) {
  val figures = runs.flatMap { run ->
    run.figures.filter { it.evaluation.comparable == metric to protocol }.map { run to it }
  }
  if (figures.isEmpty()) return
  element("div", "class" to "grids") {
    for ((run, figure) in figures) {
      val what = listOfNotNull(run.name.takeIf { runs.size > 1 }, figure.name, "step ${count(figure.evaluation.step)}")
      element("figure", "class" to "grid") {
        element(
          "img",
          "src" to figure.picture.source,
          "width" to "${figure.picture.width}",
          "height" to "${figure.picture.height}",
          "alt" to "Figure of $metric: ${what.joinToString(", ")}",
        )
        element("figcaption", what.joinToString(", "))
      }
    }
  }
}
