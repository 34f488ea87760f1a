package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.words.count

/** Sample grids over training, with a slider: of one run, or of several side by side. */
internal fun samplesSection(runs: List<RunReport>): Section? {
  if (runs.all { it.grids.isEmpty() }) return null
  val moments = runs.flatMap { run -> run.grids.map { it.images } }.distinct().size
  return Section("samples", "Samples") {
    if (moments > 1) slider(moments)
    element("div", "class" to "grids") {
      runs.forEachIndexed { i, run ->
        val kinds = run.grids.map { it.weights }.distinct()
        for (weights in kinds) grid(
          i,
          run.name.takeIf { runs.size > 1 },
          run.grids.last { it.weights == weights },
          kinds.size > 1,
        )
      }
    }
  }
}

private fun Html.slider(moments: Int) =
  element("div", "class" to "controls") {
    element("label") {
      +"Moment of training "
      element(
        "input",
        "id" to "grid",
        "type" to "range",
        "min" to "0",
        "max" to "${moments - 1}",
        "value" to "${moments - 1}",
        "aria-describedby" to "grid-value",
      )
      element("output", "the end", "id" to "grid-value", "for" to "grid")
    }
  }

private fun Html.grid(run: Int, name: String?, grid: RunReport.Grid, several: Boolean) {
  val weights =
    when {
      !several -> null
      grid.weights == null -> "averaged weights"
      grid.weights == "model" -> "trained weights"
      else -> "weights ${grid.weights}"
    }
  val who = listOfNotNull(name, weights).joinToString(", ")
  element("figure", "class" to "grid") {
    element(
      "img",
      "data-run" to "$run",
      "data-weights" to grid.weights.orEmpty().ifEmpty { "-" },
      "data-who" to who.ifEmpty { "-" },
      "src" to grid.picture.source,
      "width" to "${grid.picture.width}",
      "height" to "${grid.picture.height}",
      "alt" to alt(who, grid.step),
    )
    element("figcaption", (if (who.isEmpty()) "" else "$who, ") + "after ${count(grid.step)} steps")
  }
}

private fun alt(who: String, step: Long) =
  "Generated images" + (if (who.isEmpty()) "" else " of $who") + " after ${count(step)} steps of training"
