package io.github.diffusionhost.app.report

import kotlin.math.sqrt

private const val MARK = "_by_level/"
private const val MOMENTS = 100
private val BIN = Regex("""(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)""")

/**
 * A bin of noise levels, from the name that metrics have it under: `0-100`.
 *
 * @property middle √(lower·upper) where [lower] is above 0, else (lower + upper)/2
 */
data class LevelBin(val name: String, val lower: Double, val upper: Double) {
  val middle: Double
    get() = if (lower > 0) sqrt(lower * upper) else (lower + upper) / 2

  companion object {
    /** Reads a name; null if it is not a bin's. */
    fun parse(name: String): LevelBin? =
      BIN.matchEntire(name)?.let { LevelBin(name, it.groupValues[1].toDouble(), it.groupValues[2].toDouble()) }
  }
}

/**
 * Scalars by noise level over training. Rows are gathered into up to 100 moments of equally many rows; a bin without a
 * value in a moment has none.
 *
 * @property rows the last row of each moment
 * @property curves by what is measured (`loss`, `rmse`, `vs_linear`, `u` …): for each moment the mean of each bin
 */
class LevelHistory(val bins: List<LevelBin>, val rows: IntArray, val curves: Map<String, List<List<Double?>>>) {
  companion object {
    /** What a history has by level; null if it has nothing. */
    fun of(history: RunHistory): LevelHistory? {
      val names = history.columns.keys.filter { MARK in it && LevelBin.parse(it.substringAfter(MARK)) != null }
      if (names.isEmpty()) return null
      val bins = names.map { LevelBin.parse(it.substringAfter(MARK))!! }.distinct().sortedBy { it.lower }
      val moments = minOf(MOMENTS, history.rows)
      val ends = IntArray(moments) { ((it + 1L) * history.rows / moments).toInt() - 1 }
      val curves =
        names
          .map { it.substringBefore(MARK) }
          .distinct()
          .associateWith { what ->
            val columns = bins.map { history.columns["$what$MARK${it.name}"] }
            ends.mapIndexed { i, end -> columns.map { it?.mean(if (i == 0) 0 else ends[i - 1] + 1, end) } }
          }
      return LevelHistory(bins, ends, curves)
    }

    /** Whether a scalar is one of many by level. */
    fun has(name: String): Boolean = MARK in name

    private fun Column.mean(from: Int, to: Int): Double? {
      val values = (from..to).mapNotNull { this[it]?.takeIf(Double::isFinite) }
      return if (values.isEmpty()) null else values.average()
    }
  }
}
