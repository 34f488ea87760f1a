package io.github.diffusionhost.app.selftest

import io.github.diffusionhost.app.terminal.textTable
import java.util.Locale
import kotlinx.serialization.Serializable

/**
 * What `host selftest` has found; its JSON.
 *
 * @property device as `--device` names it
 * @property name of the device's maker
 * @property system operating system and architecture
 * @property driver version of the GPU's driver; null on the CPU
 * @property seconds that it took
 */
@Serializable
internal data class SelfTestReport(
  val device: String,
  val name: String?,
  val driver: String?,
  val system: String,
  val java: String,
  val djl: String,
  val libtorch: String,
  val host: String,
  val quick: Boolean,
  val seconds: Double,
  val results: List<Measured>,
) {
  val failed: Int
    get() = results.count { it.outcome == Outcome.FAILED }

  /** Whether all of it was left out. */
  val nothing: Boolean
    get() = results.all { it.outcome == Outcome.SKIPPED }
}

/** For each area its worst figure, and every one that is wrong or was left out; [all] of them if that is wanted. */
internal fun selfTestText(report: SelfTestReport, all: Boolean): String {
  val shown =
    report.results
      .groupBy { it.area }
      .values
      .flatMap { area ->
        val worst = area.maxByOrNull(::share)
        area.filter { all || it == worst || it.outcome != Outcome.OK }
      }
  val rows = shown.map {
    listOf(
      it.outcome.name.lowercase(),
      it.area,
      it.what,
      number(it.figure),
      number(it.bound),
    )
  }
  val table = textTable(listOf("", "AREA", if (all) "WHAT" else "THE WORST OF IT", "FIGURE", "BOUND"), rows)
  val notes = shown.mapNotNull { row -> row.note?.let { "${row.area}, ${row.what}: $it\n" } }
  return "$table\n${notes.joinToString("")}${summary(report)}\n"
}

private fun summary(report: SelfTestReport): String {
  val skipped = report.results.count { it.outcome == Outcome.SKIPPED }
  val right = report.results.size - skipped - report.failed
  val verdict =
    when {
      report.nothing -> "NOTHING was tested"
      report.failed > 0 -> "FAILED: ${report.failed} of ${right + report.failed}"
      else -> "$right of $right right"
    }
  val left = if (skipped == 0) "" else ", $skipped left out"
  val where = listOfNotNull(report.device, report.name).joinToString(", ")
  return "$verdict$left, on $where, in ${"%.0f".format(Locale.ROOT, report.seconds)} s"
}

/** How much of its bound a figure takes; what is wrong comes first. */
private fun share(measured: Measured): Double =
  when {
    measured.outcome == Outcome.FAILED -> Double.POSITIVE_INFINITY
    measured.figure == null || measured.bound == null -> -1.0
    measured.bound == 0.0 -> measured.figure
    else -> measured.figure / measured.bound
  }

private fun number(value: Double?): String =
  when {
    value == null -> ""
    value == 0.0 -> "0"
    value >= 1 -> "%.1f".format(Locale.ROOT, value).removeSuffix(".0")
    else -> "%.1e".format(Locale.ROOT, value)
  }
