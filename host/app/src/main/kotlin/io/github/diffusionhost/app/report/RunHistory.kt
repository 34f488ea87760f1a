package io.github.diffusionhost.app.report

/**
 * What `metrics.jsonl` says: rows by rising step, and columns by name in the order they first came.
 *
 * @property damaged the numbers, from 1, of lines that could not be read and were left out
 */
class RunHistory
internal constructor(
  private val steps: LongArray,
  private val images: LongArray,
  private val seconds: DoubleArray,
  val columns: Map<String, Column>,
  val damaged: List<Int>,
) {
  /** How many rows there are. */
  val rows: Int
    get() = steps.size

  /** What is said of lines that could not be read; null if there were none. */
  fun leftOut(): String? =
    damaged.firstOrNull()?.let {
      if (damaged.size == 1) "Line $it of metrics.jsonl cannot be read and is left out."
      else "${damaged.size} lines of metrics.jsonl cannot be read and are left out; the first is line $it."
    }

  /** Optimizer steps done at a row. */
  fun step(row: Int): Long = steps[row]

  /** Images seen at a row. */
  fun images(row: Int): Long = images[row]

  /** Seconds of training at a row; NaN if the line had none. */
  fun seconds(row: Int): Double = seconds[row]

  /** The last row that had seen at most so many images; the first if all have seen more. */
  fun rowOf(images: Long): Int {
    val found = this.images.binarySearch(images)
    return if (found >= 0) found else maxOf(0, -found - 2)
  }

  /** The last value of a scalar, if it has any. */
  fun last(name: String): Double? =
    columns[name]?.let { column -> (rows - 1 downTo 0).firstNotNullOfOrNull(column::get) }

  /** The middle one of the finite values of a scalar, if it has any. */
  fun median(name: String): Double? {
    val column = columns[name] ?: return null
    val sorted = column.finiteRows().map { column[it]!! }.sorted()
    return sorted.getOrNull(sorted.size / 2)
  }
}
