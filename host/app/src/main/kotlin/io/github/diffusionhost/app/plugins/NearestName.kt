package io.github.diffusionhost.app.plugins

/** The name that [typed] was probably meant to be: the one with the fewest wrong letters, if they are few. */
internal fun nearestName(typed: String, names: Collection<String>): String? =
  names
    .map { it to editDistance(typed.lowercase(), it) }
    .filter { (name, distance) -> distance <= maxOf(1, minOf(typed.length, name.length) / 3) }
    .minByOrNull { it.second }
    ?.first

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
private fun editDistance(a: String, b: String): Int {
  val rows = Array(a.length + 1) { IntArray(b.length + 1) }
  for (i in 0..a.length) {
    for (j in 0..b.length) {
      rows[i][j] = if (i == 0 || j == 0) i + j else step(rows, a, b, i, j)
    }
  }
  return rows[a.length][b.length]
}

private fun step(rows: Array<IntArray>, a: String, b: String, i: Int, j: Int): Int {
  val replace = rows[i - 1][j - 1] + if (a[i - 1] == b[j - 1]) 0 else 1
  val best = minOf(replace, rows[i - 1][j] + 1, rows[i][j - 1] + 1)
  val swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
  return if (swapped) minOf(best, rows[i - 2][j - 2] + 1) else best
}
