package io.github.diffusionhost.app.bench

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.terminal.textTable
import io.github.diffusionhost.app.words.digits
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.encodeToJsonElement

/**
 * A measurement beside another one of another device, version or program.
 *
 * @property measures what both have
 * @property differs circumstances that are not the same; ratios then compare these, too
 */
@Serializable
internal data class Comparison(val file: String, val measures: List<Measure>, val differs: List<Difference>) {
  /** @property ratio here over there: above 1 is better for images a second, worse for seconds and memory */
  @Serializable
  data class Measure(val name: String, val unit: String, val here: Double, val there: Double, val ratio: Double)

  @Serializable data class Difference(val what: String, val here: String, val there: String)

  fun toJson(): JsonElement = Json.encodeToJsonElement(this)

  /** The measures side by side, and below them what is not the same. */
  fun text(): String {
    val rows = measures.map { listOf(it.name, digits(it.here), digits(it.there), it.unit, digits(it.ratio)) }
    val table = textTable(listOf("AGAINST", "HERE", "THERE", "UNIT", "HERE/THERE"), rows)
    val none = if (measures.isEmpty()) "Nothing was measured in both.\n" else ""
    val others = textTable(listOf("NOT THE SAME", "HERE", "THERE"), differs.map { listOf(it.what, it.here, it.there) })
    return "There: $file\n" + (if (measures.isEmpty()) none else table) + if (differs.isEmpty()) "" else "\n$others"
  }

  companion object {
    private val UNITS = mapOf(FIRST_STEP to "s", MEMORY to "MiB")

    fun of(report: BenchReport, there: Baseline): Comparison {
      val measures =
        measuresOf(report).mapNotNull { (name, here) ->
          there.measures[name]?.let { Measure(name, UNITS[name] ?: "images/s", here, it, here / it) }
        }
      val differs =
        circumstancesOf(report).mapNotNull { (what, here) ->
          there.circumstances[what]?.takeIf { it != here }?.let { Difference(what, here, Printable.line(it, LONGEST)) }
        }
      return Comparison(Printable.path(there.file), measures, differs)
    }

    private const val LONGEST = 200
  }
}
