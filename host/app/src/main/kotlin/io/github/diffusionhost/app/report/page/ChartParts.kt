package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.RunHistory
import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.report.Scalar
import io.github.diffusionhost.app.report.evenly
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.duration

private const val TABLE_ROWS = 12

/** The charts of scalars over training, with what changes all of them. */
internal fun trainingSection(runs: List<RunReport>): Section? {
  val names = runs.flatMap { it.scalars }.distinct().sortedBy(Scalar::rank)
  if (names.isEmpty()) return null
  return Section("training", "Training") {
    controls()
    element("div", "class" to "charts") { names.forEach { scalarChart(it, runs) } }
  }
}

private fun Html.controls() =
  element("div", "class" to "controls") {
    element("label") {
      +"Smoothing "
      element(
        "input",
        "id" to "smoothing",
        "type" to "range",
        "min" to "0",
        "max" to "10",
        "step" to "0.5",
        "value" to "2",
        "aria-describedby" to "smoothing-value",
      )
      element("output", "2% of the run", "id" to "smoothing-value", "for" to "smoothing")
    }
    element("label") {
      +"Along "
      element("select", "id" to "along") {
        element("option", "steps", "value" to "step")
        element("option", "images", "value" to "images")
        element("option", "hours", "value" to "hours")
      }
    }
    element("label") {
      element("input", "id" to "logarithmic", "type" to "checkbox")
      +" Logarithmic"
    }
  }

private fun Html.scalarChart(name: String, runs: List<RunReport>) {
  val having = runs.filter { name in it.history.columns }
  val title = Scalar.title(name)
  figure(title, Scalar.of(name)?.about ?: name, wide = name == Scalar.LOSS.key) {
    val summary = if (runs.size == 1) summary(having.single().history, name) else null
    summary?.let { element("p", it, "class" to "summary") }
    canvas(
      "scalar",
      name,
      "$title over training. ${summary.orEmpty()}",
      "data-exact" to "".takeIf { name == Scalar.RATE.key },
    )
    if (runs.size == 1) course(title, having.single().history, name) else ends(title, having, name)
  }
}

/** A chart with its title, and below it what [content] adds. */
internal fun Html.figure(title: String, about: String, wide: Boolean = false, content: Html.() -> Unit) =
  element("figure", "class" to if (wide) "chart wide" else "chart") {
    element("figcaption") {
      element("h3", title)
      element("p", about)
    }
    content()
  }

/** Where a script draws; the label says what a person who does not see it should know. */
internal fun Html.canvas(kind: String, key: String, label: String, vararg more: Pair<String, String?>) =
  element("div", "class" to "plot") {
    element(
      "canvas",
      "role" to "img",
      "aria-label" to label.trim(),
      "data-chart" to kind,
      "data-key" to key,
      *more,
    )
  }

private fun summary(history: RunHistory, name: String): String? {
  val column = history.columns.getValue(name)
  val rows = column.finiteRows()
  if (rows.isEmpty()) return null
  val least = rows.minBy { column[it]!! }
  val greatest = rows.maxBy { column[it]!! }
  fun at(row: Int) = "${number(column[row])} at step ${count(history.step(row))}"
  return "Last ${number(column[rows.last()])}, least ${at(least)}, greatest ${at(greatest)}."
}

private fun Html.course(title: String, history: RunHistory, name: String) {
  val column = history.columns.getValue(name)
  val rows = evenly((0 until history.rows).filter { column[it] != null }, TABLE_ROWS)
  numbers(
    "Numbers",
    "$title at ${rows.size} lines of the log",
    listOf("Step", "Images", "Time", title),
    rows.map {
      listOf(count(history.step(it)), count(history.images(it)), duration(history.seconds(it)), number(column[it]))
    },
  )
}

private fun Html.ends(title: String, runs: List<RunReport>, name: String) =
  numbers(
    "Numbers",
    "$title of each run",
    listOf("Run", "Last", "Least", "at step", "Greatest", "at step"),
    runs.map { run ->
      val column = run.history.columns.getValue(name)
      val rows = column.finiteRows()
      val least = rows.minByOrNull { column[it]!! }
      val greatest = rows.maxByOrNull { column[it]!! }
      fun value(row: Int?) = number(row?.let(column::get))
      fun step(row: Int?) = row?.let { count(run.history.step(it)) } ?: "–"
      listOf(run.name, value(rows.lastOrNull()), value(least), step(least), value(greatest), step(greatest))
    },
  )
