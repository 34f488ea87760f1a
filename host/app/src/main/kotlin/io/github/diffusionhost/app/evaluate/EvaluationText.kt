package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.duration
import java.util.Locale

/** An evaluation as people read it: values, and what they depend on. */
internal fun evaluationText(result: EvaluationResult): String =
  result.subject.words() + "\n" + result.found.joinToString("") { "\n" + metricText(it) }

private fun metricText(metric: Evaluated): String {
  val values = metric.report.values().map { listOf(it.key, valueText(it.value)) }
  val protocol = metric.report.protocol().map { listOf(it.key, it.value) }
  return textTable(listOf(metric.name.uppercase(Locale.ROOT), "VALUE"), values) +
    (if (protocol.isEmpty()) "" else "\n" + textTable(listOf("PROTOCOL", ""), protocol)) +
    "\n${metric.name} took ${duration(metric.seconds)}\n"
}

private fun valueText(value: Double): String =
  if (value.isFinite()) String.format(Locale.ROOT, "%.5g", value) else "$value"
