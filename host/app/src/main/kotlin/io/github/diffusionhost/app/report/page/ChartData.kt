package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.LevelHistory
import io.github.diffusionhost.app.report.LevelScalar
import io.github.diffusionhost.app.report.References
import io.github.diffusionhost.app.report.RunHistory
import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.report.thin
import kotlinx.serialization.json.JsonPrimitive

/** What the scripts of a page draw, as JSON. Numbers have six digits. */
internal fun chartData(runs: List<RunReport>, evaluations: List<EvaluationChart>): String =
  json(
    "runs" to list(runs.map(::run)),
    "evaluations" to list(evaluations.map { chart -> list(chart.series.map { evaluation(it, runs) }) }),
  )

private fun run(report: RunReport): String =
  json(
    "name" to text(report.name),
    "curves" to json(report.scalars.map { it to curve(report.history, it) }),
    "levels" to (report.levels?.let { levels(report, it) } ?: "null"),
    "grids" to list(report.grids.map(::grid)),
  )

private fun curve(history: RunHistory, name: String): String {
  val curve = thin(history.columns.getValue(name))
  val places = curve.rows.toList()
  return json(
    places(history, places) +
      listOf(
        "y" to list(curve.values.map(::drawn)),
        // The same as y where nothing was left out.
        "mean" to if (null in curve.means) list(curve.means.map(::drawn)) else "null",
      )
  )
}

private fun levels(report: RunReport, levels: LevelHistory): String =
  json(
    places(report.history, levels.rows.toList()) +
      listOf(
        "middle" to list(levels.bins.map { drawn(it.middle) }),
        "curves" to
          json(
            levels.curves.map { (name, moments) ->
              name to list(moments.map { moment -> list(moment.map { drawn(shown(name, it)) }) })
            }
          ),
        "reference" to (report.references?.let(::reference) ?: "null"),
      )
  )

/** Squared errors are what the references are; the log has their roots. */
internal fun shown(levelScalar: String, value: Double?): Double? =
  if (levelScalar == LevelScalar.ERROR.key) value?.let { it * it } else value

private fun reference(references: References): String =
  json(
    "level" to list(references.level.map(::drawn)),
    "pixels taken each by itself" to list(references.fromVariance.map(::drawn)),
    "the best linear prediction" to list(references.fromSpectrum.map(::drawn)),
  )

private fun grid(grid: RunReport.Grid): String =
  json(
    "step" to "${grid.step}",
    "images" to "${grid.images}",
    "weights" to text(grid.weights.orEmpty()),
    "src" to text(grid.picture.source),
  )

private fun evaluation(series: EvaluationChart.Series, runs: List<RunReport>): String {
  val history = runs[series.run].history
  return json(
    "run" to "${series.run}",
    "weights" to text(series.weights),
    "step" to list(series.points.map { "${it.first.step}" }),
    "images" to list(series.points.map { "${it.first.images}" }),
    "hours" to list(series.points.map { drawn(hours(history, history.rowOf(it.first.images))) }),
    "y" to list(series.points.map { drawn(it.second) }),
  )
}

private fun places(history: RunHistory, rows: List<Int>) =
  listOf(
    "step" to list(rows.map { "${history.step(it)}" }),
    "images" to list(rows.map { "${history.images(it)}" }),
    "hours" to list(rows.map { drawn(hours(history, it)) }),
  )

private fun hours(history: RunHistory, row: Int) = history.seconds(row) / 3600

private fun text(text: String) = JsonPrimitive(text).toString()

private fun list(parts: List<String>) = parts.joinToString(",", "[", "]")

private fun json(vararg parts: Pair<String, String>) = json(parts.toList())

private fun json(parts: List<Pair<String, String>>) =
  parts.joinToString(",", "{", "}") { (key, value) -> "${text(key)}:$value" }
