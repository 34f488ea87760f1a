package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.evaluate.record.EvaluationRecord
import io.github.diffusionhost.app.report.RunReport

/**
 * One number of a metric over training, of one protocol: only such numbers share an axis.
 *
 * @property series each with the place of its run
 */
internal class EvaluationChart(
  val metric: String,
  val value: String,
  val protocol: Map<String, String>,
  val series: List<Series>,
) {
  class Series(val run: Int, val weights: String, val points: List<Pair<EvaluationRecord, Double>>)

  companion object {
    /** What there is to draw: every number with two or more points in a run. */
    fun of(runs: List<RunReport>): List<EvaluationChart> {
      val groups = runs.flatMap { run -> run.evaluations.map { it.comparable } }.distinct()
      return groups
        .flatMap { group ->
          val names = runs.flatMap { run ->
            run.evaluations.filter { it.comparable == group }.flatMap { it.values.keys }
          }
          names.distinct().map { value ->
            EvaluationChart(
              group.first,
              value,
              group.second,
              runs.flatMapIndexed { i, run -> series(i, run, group, value) },
            )
          }
        }
        .filter { chart -> chart.series.any { it.points.size > 1 } }
    }

    private fun series(index: Int, run: RunReport, group: Pair<String, Map<String, String>>, value: String) =
      run.evaluations
        .filter { it.comparable == group }
        .groupBy { it.weightsText }
        .map { (weights, all) -> Series(index, weights, all.mapNotNull { e -> e.values[value]?.let { e to it } }) }
        .filter { it.points.isNotEmpty() }
  }
}
