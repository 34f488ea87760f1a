package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.evaluate.record.EvaluationRecord

/**
 * Which steps of a training are the best, by the number that a config names.
 *
 * @param by the metric that says what is best; null: none does
 * @param weights whose numbers count
 */
internal class Ranking(private val by: BoundMetric<*>?, private val weights: String) {
  val exists = by?.best != null

  /**
   * The steps from the best one; of equals the earlier first. A number that is not finite ranks nowhere, and neither
   * does one of another protocol than the newest.
   *
   * @param note told what is wrong with the config, if something is
   */
  fun of(records: List<EvaluationRecord>, note: (String) -> Unit): List<Long> {
    val metric = by ?: return emptyList()
    val order = metric.best?.order() ?: return emptyList()
    val name = metric.provider.name()
    val all = records.filter { it.metric == name && it.weights == weights }
    val newest = all.lastOrNull() ?: return emptyList()
    val value = metric.bestValue ?: newest.values.keys.firstOrNull() ?: return emptyList()
    if (value !in newest.values) {
      note("metrics.bestValue: $name has no $value but ${newest.values.keys.joinToString(", ")}; no checkpoint is best")
      return emptyList()
    }
    return all
      .filter { it.comparable == newest.comparable }
      .mapNotNull { record -> record.values[value]?.let { record.step to it } }
      .sortedWith(compareBy(order, Pair<Long, Double>::second).thenBy { it.first })
      .map { it.first }
  }
}
