package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.app.words.count

/**
 * Where a part of a run's network lies among the names of a file.
 *
 * @property added the prefix that the file has before the part's names
 * @property dropped the prefix of the part's names that the file has not
 */
internal data class Place(val added: String, val dropped: String) {
  /** The file's name of one of the part's. */
  fun of(name: String) = added + name.removePrefix(dropped)
}

/**
 * The places where a file has most of a part's names; several if it holds the part several times, and none if it has
 * not one of them.
 *
 * @param there the file's names
 * @param part the part's own names
 * @param constants names that the part has in other programs and that carry nothing
 */
internal fun places(there: Collection<String>, part: Set<String>, constants: Set<String> = emptySet()): List<Place> {
  val found = LinkedHashMap<Place, Int>()
  for (dropped in dottedPrefixes(part + constants)) {
    val short = part.mapTo(HashSet()) { it.removePrefix(dropped) }
    val deepest = short.maxOfOrNull { name -> name.count { it == '.' } } ?: 0
    for (name in there) {
      for (prefix in prefixesBefore(name, deepest)) {
        if (name.substring(prefix) in short) found.merge(Place(name.substring(0, prefix), dropped), 1, Int::plus)
      }
    }
  }
  val most = found.values.maxOrNull()
  return found.filterValues { it == most }.keys.distinctBy { it.of(part.first()) }
}

/** Where the last one, two, … parts of a dotted name begin, up to [dots] dots within them. */
private fun prefixesBefore(name: String, dots: Int): List<Int> {
  val starts = mutableListOf<Int>()
  var dot = name.length
  while (dot >= 0 && starts.size <= dots) {
    dot = name.lastIndexOf('.', dot - 1)
    starts += dot + 1
  }
  return starts
}

/** The empty prefix, and each that all names begin with: `a.`, `a.b.`, … */
private fun dottedPrefixes(names: Set<String>): List<String> {
  val common = names.reduceOrNull { a, b -> a.commonPrefixWith(b) }.orEmpty()
  return dotted(common) + ""
}

/** `a.`, `a.b.`, … of a name that goes on. */
internal fun dotted(name: String): List<String> =
  name.indices.filter { name[it] == '.' }.map { name.substring(0, it + 1) }

private val AVERAGE = Regex("(?i)(^|[^a-z])ema([^a-z]|$)|average")

/** How many of the parts of a prefix say that what is below them is a running average of weights. */
internal fun averageWords(prefix: String): Int = prefix.split('.').count { AVERAGE.containsMatchIn(it) }

/** What people call the names of [names] that lie beside [prefix]: `reweight_mlp.*`, `step`. */
internal fun beside(prefix: String, names: Collection<String>): Map<String, Int> =
  names
    .map { name -> dotted(name).firstOrNull { !prefix.startsWith(it) }?.let { "$it*" } ?: name }
    .groupingBy { it }
    .eachCount()
