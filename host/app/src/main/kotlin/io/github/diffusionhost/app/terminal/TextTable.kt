package io.github.diffusionhost.app.terminal

import com.github.ajalt.mordant.rendering.Whitespace
import com.github.ajalt.mordant.table.grid
import io.github.diffusionhost.api.text.Printable

/** Columns under headings, as wide as their longest cell; the last one is left ragged. */
internal fun textTable(headings: List<String>, rows: List<List<String>>): String {
  val all = listOf(headings) + rows.map { row -> row.map { Printable.message(it).lines().joinToString(" ") } }
  val table = grid {
    whitespace = Whitespace.PRE
    padding { right = 1 }
    for (row in all) row(cells = row.toTypedArray())
  }
  return plainText(table).lines().dropLastWhile(String::isBlank).joinToString("") { it.trimEnd() + "\n" }
}
