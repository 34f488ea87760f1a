package io.github.diffusionhost.app.selftest

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** How a measurement compares with its bound. */
@Serializable
internal enum class Outcome {
  @SerialName("ok") OK,
  @SerialName("failed") FAILED,
  /** What it needs is not installed. */
  @SerialName("skipped") SKIPPED,
}

/**
 * One line of what `host selftest` says.
 *
 * @property area what it belongs to: `operators`, `networks`, …
 * @property what which part of it
 * @property figure what was measured, for the most part a difference to what is right; null if nothing was
 * @property bound the largest figure that is right
 * @property note what a person should know of it
 */
@Serializable
internal data class Measured(
  val area: String,
  val what: String,
  val figure: Double?,
  val bound: Double?,
  val outcome: Outcome,
  val note: String? = null,
) {
  companion object {
    /** A figure that must not exceed [bound]; what is infinite or no number does, and JSON knows no such figure. */
    fun of(area: String, what: String, figure: Double, bound: Double, note: String? = null): Measured {
      val outcome = if (figure <= bound) Outcome.OK else Outcome.FAILED
      val broken = if (figure.isFinite()) null else "the figure is $figure"
      return Measured(area, what, figure.takeIf(Double::isFinite), bound, outcome, note ?: broken)
    }
  }
}
