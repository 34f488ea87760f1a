package io.github.diffusionhost.app.evaluate.record

import io.github.diffusionhost.app.evaluate.record.EvaluationRecord.Origin

/** What logs call a number of a metric: `kid` for the one that is called like it, else `kid/kid-std`. */
internal fun numberName(metric: String, value: String) = if (value == metric) metric else "$metric/$value"

/** The numbers that a training has found of itself, by step and by [numberName]; NaN where one was not finite. */
internal fun foundInTraining(file: EvaluationFile, note: (String) -> Unit): Map<Long, Map<String, Double>> {
  val found = sortedMapOf<Long, MutableMap<String, Double>>()
  for (record in file.all(note).filter { it.origin == Origin.TRAINING }) {
    val numbers = found.getOrPut(record.step) { linkedMapOf() }
    record.values.forEach { (value, number) -> numbers[numberName(record.metric, value)] = number ?: Double.NaN }
  }
  return found
}
