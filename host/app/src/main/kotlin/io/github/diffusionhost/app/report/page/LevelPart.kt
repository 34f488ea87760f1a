package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.LevelScalar
import io.github.diffusionhost.app.report.LevelUnit
import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.report.evenly
import io.github.diffusionhost.app.words.count

/** The charts of losses and what else depends on the noise level, with a slider over training. */
internal fun levelSection(runs: List<RunReport>): Section? {
  if (runs.none { it.levels != null }) return null
  return Section("levels", "By noise level") {
    element("p", "class" to "lead") {
      +"Where on the way from noise to image the network errs"
      +if (runs.size == 1) ": faint lines are earlier moments of training, the strong one is the chosen moment."
      else "."
    }
    element("div", "class" to "controls") {
      element("label") {
        +"Moment of training "
        element(
          "input",
          "id" to "moment",
          "type" to "range",
          "min" to "0",
          "max" to "99",
          "value" to "99",
          "aria-describedby" to "moment-value",
        )
        element("output", "the end", "id" to "moment-value", "for" to "moment")
      }
    }
    // Levels of different units never share an axis.
    val groups = runs.indices.filter { runs[it].levels != null }.groupBy { runs[it].unit }
    for ((unit, members) in groups) {
      if (groups.size > 1) element("h3", unit.label + ": " + members.joinToString(", ") { runs[it].name })
      element("div", "class" to "charts") {
        val names = members.flatMap { runs[it].levels!!.curves.keys }.distinct().sortedBy(LevelScalar::rank)
        names.forEach { levelChart(it, unit, members, runs) }
      }
    }
  }
}

private fun Html.levelChart(name: String, unit: LevelUnit, members: List<Int>, runs: List<RunReport>) {
  val title = LevelScalar.title(name)
  figure(title, LevelScalar.of(name)?.about ?: "") {
    canvas(
      "level",
      name,
      "$title at the chosen moment of training, over the ${unit.label}",
      "data-unit" to unit.label,
      "data-log-x" to "".takeIf { unit.logarithmic },
      "data-runs" to members.joinToString(","),
    )
    if (runs.size == 1) course(title, name, runs.single()) else ends(title, name, members.map { runs[it] })
  }
}

private fun Html.course(title: String, name: String, run: RunReport) {
  val levels = run.levels ?: return
  val moments = evenly(levels.rows.indices.toList(), 5)
  numbers(
    "Numbers",
    "$title; columns are moments of training, each the mean since the moment before",
    listOf("Levels") + moments.map { "to step " + count(run.history.step(levels.rows[it])) },
    levels.bins.mapIndexed { i, bin ->
      listOf(bin.name) + moments.map { number(shown(name, levels.curves.getValue(name)[it][i])) }
    },
  )
}

private fun Html.ends(title: String, name: String, runs: List<RunReport>) {
  val bins = runs.flatMap { it.levels!!.bins }.distinct().sortedBy { it.lower }
  numbers(
    "Numbers",
    "$title at the end of each run",
    listOf("Levels") + runs.map { it.name },
    bins.map { bin ->
      listOf(bin.name) +
        runs.map { run ->
          val place = run.levels!!.bins.indexOf(bin)
          number(shown(name, run.levels.curves[name]?.last()?.getOrNull(place)))
        }
    },
  )
}
