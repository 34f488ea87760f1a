package io.github.diffusionhost.engine.support.golden

import java.nio.file.FileSystems
import java.nio.file.Path
import kotlin.io.path.readLines

/** Which values of the full set's tensors the packed set keeps: every so many'th of each kind. */
data class PackedValues(val every: Int = 1, val rows: Int = 1, val columns: Int = 1) {
  val whole: Boolean
    get() = this == PackedValues()

  /** As a packed file's metadata says it. */
  fun metadata(): Map<String, String> =
    mapOf(EVERY to every, ROWS to rows, COLUMNS to columns).filterValues { it > 1 }.mapValues { "${it.value}" }

  companion object {
    const val EVERY = "every"
    const val ROWS = "rows"
    const val COLUMNS = "columns"

    fun of(metadata: Map<String, String>) =
      PackedValues(number(metadata[EVERY]), number(metadata[ROWS]), number(metadata[COLUMNS]))

    private fun number(text: String?) = text?.toInt() ?: 1
  }
}

/** A row of the table in the packed set's README: the names of files, and what is kept of them. */
class PackedRow(val pattern: String, val values: PackedValues) {
  private val matcher = FileSystems.getDefault().getPathMatcher("glob:$pattern")

  fun covers(name: String): Boolean = matcher.matches(Path.of(name))

  companion object {
    private val LINE = Regex("""\| `([^`]+)` \| (.+?) \| .+ \|""")
    private val VALUES = Regex("""values 1:(\d+)""")
    private val PIXELS = Regex("""rows 1:(\d+), columns 1:(\d+)""")

    /** The rows of the table. */
    fun of(readme: Path): List<PackedRow> =
      readme
        .readLines()
        .mapNotNull { LINE.matchEntire(it) }
        .map { PackedRow(it.groupValues[1], values(it.groupValues[2])) }

    private fun values(kept: String): PackedValues {
      if (kept == "all") return PackedValues()
      VALUES.matchEntire(kept)?.let {
        return PackedValues(every = it.groupValues[1].toInt())
      }
      val pixels = checkNotNull(PIXELS.matchEntire(kept)) { "the README's table has an unknown '$kept'" }
      return PackedValues(rows = pixels.groupValues[1].toInt(), columns = pixels.groupValues[2].toInt())
    }
  }
}
