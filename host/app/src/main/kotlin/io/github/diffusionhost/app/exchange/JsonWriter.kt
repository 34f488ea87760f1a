package io.github.diffusionhost.app.exchange

import java.math.BigDecimal
import java.math.MathContext
import java.util.Locale

/**
 * An object as Python's `json.dumps(value, indent=2, sort_keys=True)` writes it, and a line's end: what diffusers
 * writes into its folders, byte for byte.
 */
internal fun pythonJson(values: Map<String, Any?>): String = buildString {
  write(values, 0)
  append('\n')
}

private fun StringBuilder.write(value: Any?, depth: Int) {
  when (value) {
    null -> append("null")
    is Map<*, *> -> {
      val entries = value.entries.sortedBy { it.key as String }
      lines('{', '}', entries, depth) { (key, inner) ->
        quote(key as String)
        append(": ")
        write(inner, depth + 1)
      }
    }
    is List<*> -> lines('[', ']', value, depth) { write(it, depth + 1) }
    is String -> quote(value)
    is Float -> append(pythonFloat(value.toString().toDouble()))
    is Double -> append(pythonFloat(value))
    is Boolean,
    is Int,
    is Long -> append(value)
    else -> throw IllegalArgumentException("JSON cannot hold a ${value.javaClass.name}")
  }
}

private fun <T> StringBuilder.lines(open: Char, close: Char, all: Collection<T>, depth: Int, each: (T) -> Unit) {
  append(open)
  all.forEachIndexed { i, element ->
    append(if (i == 0) "\n" else ",\n").append("  ".repeat(depth + 1))
    each(element)
  }
  if (all.isNotEmpty()) append('\n').append("  ".repeat(depth))
  append(close)
}

private fun StringBuilder.quote(text: String) {
  append('"')
  for (c in text) {
    when (c) {
      '"' -> append("\\\"")
      '\\' -> append("\\\\")
      '\n' -> append("\\n")
      '\r' -> append("\\r")
      '\t' -> append("\\t")
      '\b' -> append("\\b")
      '\u000c' -> append("\\f")
      else -> if (c in ' '..'~') append(c) else append("\\u%04x".format(Locale.ROOT, c.code))
    }
  }
  append('"')
}

/**
 * Python's `repr` of a float: the fewest digits that are read back to it, with an exponent below 1e-4 and from 1e16.
 */
internal fun pythonFloat(value: Double): String {
  if (value.isNaN()) throw IllegalArgumentException("NaN is no setting")
  if (value.isInfinite()) return if (value > 0) "Infinity" else "-Infinity"
  if (value == 0.0) return if (1 / value < 0) "-0.0" else "0.0"
  val exact = BigDecimal(value)
  val shortest = (1..17).map { exact.round(MathContext(it)) }.first { it.toDouble() == value }.stripTrailingZeros()
  val exponent = shortest.precision() - shortest.scale() - 1
  if (exponent in -4..15) return shortest.toPlainString().let { if ('.' in it) it else "$it.0" }
  val digits = shortest.unscaledValue().abs().toString()
  val mantissa = if (digits.length == 1) digits else "${digits[0]}.${digits.drop(1)}"
  val sign = if (value < 0) "-" else ""
  return "$sign${mantissa}e${if (exponent < 0) '-' else '+'}${Math.abs(exponent).toString().padStart(2, '0')}"
}
