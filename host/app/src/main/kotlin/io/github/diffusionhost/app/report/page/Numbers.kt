package io.github.diffusionhost.app.report.page

import java.math.BigDecimal
import java.math.MathContext

private val DIGITS = MathContext(5)
private val DRAWN = MathContext(6)

/** A number for people, to five digits: `0.01235`, `1.2e-7`, `12345`, `not a number`. */
internal fun number(value: Double?): String =
  when {
    value == null -> "–"
    value.isNaN() -> "not a number"
    value.isInfinite() -> if (value > 0) "infinite" else "−infinite"
    else -> plain(BigDecimal(value).round(DIGITS).stripTrailingZeros())
  }

private fun plain(value: BigDecimal): String {
  val exponent = value.precision() - value.scale() - 1
  if (value.signum() == 0) return "0"
  if (exponent in -4..8) return value.toPlainString()
  return "${value.scaleByPowerOfTen(-exponent).toPlainString()}e$exponent"
}

/** A number as a drawing needs it: JSON, six digits; `null` for none. */
internal fun drawn(value: Double?): String =
  if (value == null || !value.isFinite()) "null" else BigDecimal(value).round(DRAWN).stripTrailingZeros().toString()
