package io.github.diffusionhost.app.report

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

private val OWN = setOf("step", "images", "seconds")
private const val DAMAGED_SHOWN = 1000

/**
 * Reads a `metrics.jsonl` line by line, also one that is being written: a last line that was only half written is not
 * there yet. A line whose step is not above the one before it takes the place of everything from that step on, as in a
 * run that went on from an earlier checkpoint. Other lines that cannot be read are left out and counted.
 *
 * @return no rows if the file is not there
 */
fun readHistory(file: Path): RunHistory {
  val rows = Rows()
  if (!file.exists()) return rows.history()
  Files.newInputStream(file).reader().buffered(1 shl 16).useLines { lines ->
    var torn: Int? = null
    lines.forEachIndexed { index, line ->
      torn?.let(rows::damaged)
      torn = if (line.isBlank() || rows.add(line)) null else index + 1
    }
  }
  return rows.history()
}

private class Rows {
  private val columns = LinkedHashMap<String, Column>()
  private val damaged = mutableListOf<Int>()
  private var steps = LongArray(64)
  private var images = LongArray(64)
  private var seconds = DoubleArray(64)
  private var count = 0

  fun damaged(line: Int) {
    if (damaged.size < DAMAGED_SHOWN) damaged += line
  }

  /** Adds a line; false if it is none. */
  fun add(line: String): Boolean {
    val json =
      try {
        Json.parseToJsonElement(line) as? JsonObject
      } catch (_: IllegalArgumentException) {
        null // not JSON: the caller counts it as damaged
      }
    val step = json?.get("step")?.whole() ?: return false
    cutBefore(step)
    if (count == steps.size) {
      steps = steps.copyOf(count * 2)
      images = images.copyOf(count * 2)
      seconds = seconds.copyOf(count * 2)
    }
    steps[count] = step
    images[count] = json["images"]?.whole() ?: 0
    seconds[count] = json["seconds"]?.number() ?: Double.NaN
    for ((name, value) in json) {
      if (name in OWN) continue
      value.number()?.let { columns.getOrPut(name) { Column() }[count] = it }
    }
    count++
    return true
  }

  private fun cutBefore(step: Long) {
    if (count == 0 || steps[count - 1] < step) return
    while (count > 0 && steps[count - 1] >= step) count--
    columns.values.forEach { it.cutTo(count) }
  }

  fun history() =
    RunHistory(
      steps.copyOf(count),
      images.copyOf(count),
      seconds.copyOf(count),
      columns.filterValues { !it.isEmpty },
      damaged,
    )
}

private fun JsonElement.whole(): Long? = (this as? JsonPrimitive)?.content?.toLongOrNull()

/** A number, or one of the texts that stand for those that JSON lacks. */
private fun JsonElement.number(): Double? =
  when {
    this !is JsonPrimitive || this is JsonNull -> null
    !isString -> content.toDoubleOrNull()
    content == "NaN" || content == "Infinity" || content == "-Infinity" -> content.toDouble()
    else -> null
  }
