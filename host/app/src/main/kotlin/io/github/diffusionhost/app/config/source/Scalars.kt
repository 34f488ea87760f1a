package io.github.diffusionhost.app.config.source

import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import java.math.BigDecimal

private const val DIGITS = """\d+(?:_\d+)*"""
private val WHOLE = Regex("[-+]?$DIGITS")
private val REAL = Regex("""[-+]?(?:$DIGITS\.?(?:$DIGITS)?|\.$DIGITS)(?:[eE][-+]?\d{1,9})?""")
private val NULLS = setOf("", "~", "null", "Null", "NULL")
private val LONGEST_WHOLE = Long.MAX_VALUE.toString().length

/** Nothing: `null`, `~` or no value at all. */
internal val Scalar.isNull: Boolean
  get() = !quoted && text in NULLS

internal val ConfigNode?.isAbsent: Boolean
  get() = this == null || this is Scalar && isNull

internal fun Scalar.toFlag(): Boolean? = if (quoted) null else text.lowercase().toBooleanStrictOrNull()

/** A whole number: `12`, `500_000`, `5e5`. */
internal fun Scalar.toWhole(): Long? {
  val digits = text.replace("_", "")
  if (quoted || text.length > 64) return null
  if (WHOLE.matches(text)) return digits.toLongOrNull()
  if (!REAL.matches(text)) return null
  val number = BigDecimal(digits)
  val fits = number.signum() == 0 || number.precision() - number.scale() <= LONGEST_WHOLE
  return if (fits) runCatching { number.longValueExact() }.getOrNull() else null
}

/** A real number: `2e-4`, `1_000.5`, `.inf`; never NaN, and infinite only where that was written. */
internal fun Scalar.toReal(): Double? =
  when {
    quoted || text.length > 400 -> null
    REAL.matches(text) -> text.replace("_", "").toDouble().takeIf(Double::isFinite)
    else ->
      when (text.lowercase()) {
        ".inf",
        "+.inf" -> Double.POSITIVE_INFINITY
        "-.inf" -> Double.NEGATIVE_INFINITY
        else -> null
      }
  }

/** A number as text that [toReal] reads back to the same bits, and that YAML 1.1 readers take for a number too. */
internal fun realText(value: Double): String =
  when {
    value == Double.POSITIVE_INFINITY -> ".inf"
    value == Double.NEGATIVE_INFINITY -> "-.inf"
    else -> value.toString().replace(Regex("E(\\d)"), "e+$1").replace("E-", "e-")
  }

internal fun realText(value: Float): String {
  val short = value.toString()
  val exact = short.toDouble().toFloat() == value
  return if (exact && value.isFinite()) realText(short.toDouble()) else realText(value.toDouble())
}
