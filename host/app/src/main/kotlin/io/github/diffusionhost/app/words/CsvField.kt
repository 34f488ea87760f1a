package io.github.diffusionhost.app.words

/**
 * A text as a field of CSV (RFC 4180). One that a spreadsheet would take for a formula has an apostrophe before it,
 * which says that it is text; a number stays one.
 */
internal fun csvField(text: String): String {
  val formula = text.firstOrNull() in FORMULAS && text.toDoubleOrNull() == null
  val plain = if (formula) "'$text" else text
  return if (formula || plain.any { it in ",\"\r\n" }) "\"${plain.replace("\"", "\"\"")}\"" else plain
}

private val FORMULAS = setOf('=', '+', '-', '@', '\t', '\r')
