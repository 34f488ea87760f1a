package io.github.diffusionhost.app.terminal

private val CONTROL = Regex("\u001b\\[(\\d*)([A-Z])")

/** What a terminal shows after [text]: its lines, without blanks at their ends. Knows what status lines use. */
internal fun screenAfter(text: String): List<String> {
  val lines = mutableListOf(StringBuilder())
  var row = 0
  var column = 0
  var at = 0
  while (at < text.length) {
    val control = CONTROL.matchAt(text, at)
    if (control != null) {
      val count = control.groupValues[1].toIntOrNull() ?: 1
      when (control.groupValues[2]) {
        "A" -> row -= count
        "K" -> lines[row].setLength(minOf(column, lines[row].length))
        "J" -> {
          lines[row].setLength(minOf(column, lines[row].length))
          while (lines.size > row + 1) lines.removeLast()
        }
        else -> error("a control that this screen does not know: ${control.value.drop(1)}")
      }
      at = control.range.last + 1
      continue
    }
    when (val char = text[at++]) {
      '\r' -> column = 0
      '\n' -> {
        row++
        column = 0
        if (row == lines.size) lines += StringBuilder()
      }
      else -> {
        while (lines[row].length <= column) lines[row].append(' ')
        lines[row].setCharAt(column++, char)
      }
    }
  }
  return lines.map { "$it".trimEnd() }.dropLastWhile(String::isEmpty)
}
