package io.github.diffusionhost.app.terminal

import io.github.diffusionhost.api.text.Printable

/** Columns under headings, as wide as their longest cell; the last one is left ragged. */
internal fun textTable(headings: List<String>, rows: List<List<String>>): String {
  val all = listOf(headings) + rows.map { row -> row.map { Printable.message(it).lines().joinToString(" ") } }
  val widths = headings.indices.map { column -> all.maxOf { it[column].length } }
  return all.joinToString("") { row ->
    row
      .mapIndexed { i, cell -> if (i == row.lastIndex) cell else cell.padEnd(widths[i]) }
      .joinToString("  ")
      .trimEnd() + "\n"
  }
}
