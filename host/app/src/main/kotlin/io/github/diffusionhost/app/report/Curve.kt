package io.github.diffusionhost.app.report

private const val BUCKETS = 1000

/**
 * A scalar over a run, thinned for drawing.
 *
 * @property rows the rows that are kept, rising
 * @property values the values of those rows, finite
 * @property means the mean of all values of a bucket at the last of its rows that are kept, null at the others
 */
class Curve(val rows: IntArray, val values: DoubleArray, val means: List<Double?>)

/**
 * Thins a column so that its outline stays: the rows with a finite value are cut into up to [buckets] buckets of one
 * size, and each keeps its least and its greatest value; the first and the last row of all are kept, too. Up to twice
 * as many rows as there are buckets are kept whole.
 *
 * @return at most 2·[buckets] + 2 points
 */
fun thin(column: Column, buckets: Int = BUCKETS): Curve {
  val rows = column.finiteRows()
  val values = DoubleArray(rows.size) { column[rows[it]]!! }
  if (rows.size <= 2 * buckets) return Curve(rows, values, values.toList())
  val kept = mutableListOf<Int>()
  val means = mutableListOf<Double?>()
  for (bucket in 0 until buckets) {
    val from = (bucket.toLong() * rows.size / buckets).toInt()
    val until = ((bucket + 1L) * rows.size / buckets).toInt()
    val points = sortedSetOf((from until until).minBy { values[it] }, (from until until).maxBy { values[it] })
    if (bucket == 0) points += 0
    if (bucket == buckets - 1) points += rows.size - 1
    kept += points
    repeat(points.size - 1) { means += null }
    means += (from until until).sumOf { values[it] } / (until - from)
  }
  return Curve(
    IntArray(kept.size) { rows[kept[it]] },
    DoubleArray(kept.size) { values[kept[it]] },
    means,
  )
}
