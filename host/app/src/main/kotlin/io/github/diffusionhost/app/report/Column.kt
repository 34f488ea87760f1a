package io.github.diffusionhost.app.report

import java.util.BitSet

/** The values of one scalar by row; a row may have none. */
class Column {
  private var values = DoubleArray(64)
  private val present = BitSet()

  /** The value of a row; null where the row has none. NaN and infinities are values. */
  operator fun get(row: Int): Double? = if (present[row]) values[row] else null

  internal operator fun set(row: Int, value: Double) {
    if (row >= values.size) values = values.copyOf(maxOf(row + 1, values.size * 2))
    values[row] = value
    present.set(row)
  }

  /** Drops the rows from this one on. */
  internal fun cutTo(rows: Int) = present.clear(rows, maxOf(rows, present.length()))

  /** Whether no row has a value. */
  internal val isEmpty: Boolean
    get() = present.isEmpty

  /** The rows that have a finite value, rising. */
  fun finiteRows(): IntArray = present.stream().filter { values[it].isFinite() }.toArray()
}
