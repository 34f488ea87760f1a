package io.github.diffusionhost.app.words

/** The candidate that somebody who wrote [word] most likely meant; null if none is near. */
internal fun nearest(word: String, candidates: Collection<String>): String? {
  val plain = plain(word)
  candidates
    .firstOrNull { plain(it) == plain }
    ?.let {
      return it
    }
  val limit = maxOf(1, plain.length / 3)
  val close =
    candidates.map { it to distance(plain, plain(it)) }.filter { it.second <= limit }.minByOrNull { it.second }
  return close?.first ?: candidates.singleOrNull { plain.length > 2 && plain(it).startsWith(plain) }
}

/** Spelling without case and separators: `batch_size` is `batchSize`. */
private fun plain(word: String) = word.take(100).lowercase().filter { it != '_' && it != '-' }

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
private fun distance(a: String, b: String): Int {
  val rows = Array(a.length + 1) { i -> IntArray(b.length + 1) { j -> if (i == 0) j else i } }
  for (i in 1..a.length) {
    for (j in 1..b.length) {
      val change = if (a[i - 1] == b[j - 1]) 0 else 1
      rows[i][j] = minOf(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change)
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = minOf(rows[i][j], rows[i - 2][j - 2] + 1)
      }
    }
  }
  return rows[a.length][b.length]
}
